#include "kernels/generic/add_sub.h"

#include "kernels/cortexm/output_stage.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

struct Arithmetic {
  static std::int32_t MultiplyHighAdd(std::int32_t a, std::int32_t b, std::int32_t addend) {
    return quaver::kernels::MultiplyHighAdd(a, b, addend);
  }
};

// One copy for both.
[[gnu::noinline]] void AddSub(const AddSubParams& p, std::int32_t sign, const Work& work) {
  AddSubRows<Arithmetic>(p, sign, work);
}

}  // namespace

void AddCortexM(const AddParams& params, const Work& work) { AddSub(params, 1, work); }

void SubCortexM(const SubParams& params, const Work& work) { AddSub(params, -1, work); }

}  // namespace quaver::kernels
