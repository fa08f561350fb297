// A plugin of Clang for clang-tidy (scripts/lint builds and loads it): its checks match the
// declarations of our files only. clang-tidy 14 matches all that a file includes, the standard
// library and GoogleTest too, and then drops what it finds there: four fifths of its time.
// Nothing else is lost, since checks still see system headers where our code refers to them.
#include <memory>
#include <string>
#include <vector>

#include "clang/AST/ASTConsumer.h"
#include "clang/AST/ASTContext.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Frontend/FrontendAction.h"
#include "clang/Frontend/FrontendPluginRegistry.h"

namespace {

class NarrowScope : public clang::ASTConsumer {
 public:
  void HandleTranslationUnit(clang::ASTContext& context) override {
    const clang::SourceManager& sources = context.getSourceManager();
    std::vector<clang::Decl*> ours;
    for (clang::Decl* decl : context.getTranslationUnitDecl()->decls()) {
      if (!sources.isInSystemHeader(decl->getLocation())) ours.push_back(decl);
    }
    context.setTraversalScope(ours);
  }
};

class NarrowScopeAction : public clang::PluginASTAction {
 protected:
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& /*compiler*/,
                                                        llvm::StringRef /*file*/) override {
    return std::make_unique<NarrowScope>();
  }
  bool ParseArgs(const clang::CompilerInstance& /*compiler*/,
                 const std::vector<std::string>& /*arguments*/) override {
    return true;
  }
  /// Before clang-tidy's own pass over the file.
  ActionType getActionType() override { return AddBeforeMainAction; }
};

const clang::FrontendPluginRegistry::Add<NarrowScopeAction> kRegistration(
    "quaver-lint-scope", "match declarations outside system headers only");

}  // namespace
