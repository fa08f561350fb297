#include <cstring>

#include "runtime/ops/op_definition.h"

namespace quaver {

/// Sets all bytes of the output before the pieces are copied.
struct FillParams {
  std::uint8_t* target;
  std::int32_t bytes;
  std::int32_t value;
};
QUAVER_RECORD_BYTES(CallRecord<FillParams>, 32, 48);

namespace {

/// All runs of a piece lie within `bytes`: strides may be negative, so both ends are checked.
bool VerifyReach(OpVerifier* v, const char* what, const fb::CopyPiece& piece, std::int32_t offset,
                 const Int32Vector* strides, std::int32_t bytes) {
  if (!v->Equal(what, Count(piece.dims()), Count(strides))) return false;
  std::int64_t low = offset;
  std::int64_t high = std::int64_t{offset} + piece.run_bytes();
  for (std::int32_t i = 0; i < Count(strides); ++i) {
    const std::int64_t reach = (std::int64_t{At(*piece.dims(), i)} - 1) * At(*strides, i);
    (reach < 0 ? low : high) += reach;
    // After each step, so that six of them cannot wrap.
    if (!v->InRange(what, 0, bytes, low) || !v->InRange(what, 0, bytes, high)) return false;
  }
  return v->InRange(what, 0, bytes, low) && v->InRange(what, 0, bytes, high);
}

/// Writing one byte twice would depend on the order, which threads do not keep.
bool VerifyTargetStrides(OpVerifier* v, const fb::CopyPiece& piece) {
  for (std::int32_t i = 0; i < Count(piece.dims()); ++i) {
    if (At(*piece.dims(), i) > 1 && At(*piece.target_strides(), i) == 0) {
      return v->Fail("target stride of 0");
    }
  }
  return true;
}

bool VerifyPiece(OpVerifier* v, const fb::CopyPiece& piece, std::int64_t* copied_bytes) {
  if (!(v->InRange("input of a piece", 0, v->view().input_count() - 1, piece.input()) &&
        v->InRange("dimensions of a piece", 0, kMaxRank, Count(piece.dims())))) {
    return false;
  }
  const auto output_bytes = static_cast<std::int32_t>(TensorBytes(v->output(0)));
  std::int64_t bytes = piece.run_bytes();
  if (!v->InRange("run_bytes", 1, output_bytes, bytes)) return false;
  for (std::int32_t i = 0; i < Count(piece.dims()); ++i) {
    if (!v->InRange("dimension of a piece", 1, output_bytes, At(*piece.dims(), i))) return false;
    bytes *= At(*piece.dims(), i);
    if (!v->InRange("bytes of a piece", 1, output_bytes, bytes)) return false;
  }
  *copied_bytes += bytes;
  return VerifyReach(v, "source of a piece", piece, piece.source_offset(), piece.source_strides(),
                     static_cast<std::int32_t>(TensorBytes(v->input(piece.input())))) &&
         VerifyReach(v, "target of a piece", piece, piece.target_offset(), piece.target_strides(),
                     output_bytes) &&
         VerifyTargetStrides(v, piece);
}

bool Verify(OpVerifier* v) {
  const auto& p = v->params<fb::StridedCopy>();
  if (!(v->Equal("number of outputs", 1, v->view().output_count()) &&
        v->InRange("number of inputs", 1, INT32_MAX, v->view().input_count()))) {
    return false;
  }
  for (std::int32_t i = 0; i < v->view().input_count(); ++i) {
    if (!v->InputType(i, v->output(0).type())) return false;
  }
  std::int64_t copied_bytes = 0;
  for (std::int32_t i = 0; i < Count(p.pieces()); ++i) {
    if (!VerifyPiece(v, *At(*p.pieces(), i), &copied_bytes)) return false;
  }
  // Without a fill every byte must come from a piece.
  const auto output_bytes = static_cast<std::int32_t>(TensorBytes(v->output(0)));
  return p.fill() || copied_bytes >= output_bytes ||
         v->FailWith("bytes of all pieces", output_bytes, copied_bytes);
}

void RunFill(const FillParams& params, const kernels::Work& /*work*/) {
  std::memset(params.target, params.value, static_cast<std::size_t>(params.bytes));
}
constexpr kernels::Kernel<FillParams> kFill = {"Fill", Isa::kScalar, &RunFill,
                                               {},     nullptr,      nullptr};

void PreparePiece(const OpView& view, const fb::CopyPiece& piece, Preparer* preparer) {
  const std::uint8_t* source = preparer->Input<std::uint8_t>(view.input(piece.input()));
  std::uint8_t* target = preparer->Output<std::uint8_t>(view.output(0));
  kernels::StridedCopyParams params{};
  params.rank = Count(piece.dims());
  params.run_bytes = piece.run_bytes();
  if (params.rank > 0) {
    params.dims = piece.dims()->data();
    params.source_strides = piece.source_strides()->data();
    params.target_strides = piece.target_strides()->data();
  }
  if (source != nullptr) params.source = source + piece.source_offset();
  if (target != nullptr) params.target = target + piece.target_offset();
  preparer->Call(params, params.rank > 0 ? params.dims[0] : 1);
}

void Prepare(const OpView& view, Preparer* preparer) {
  const auto& p = view.params<fb::StridedCopy>();
  if (p.fill()) {
    FillParams fill{};
    fill.target = preparer->Output<std::uint8_t>(view.output(0));
    fill.bytes = static_cast<std::int32_t>(TensorBytes(view.output(0)));
    fill.value = p.fill_value();
    preparer->AddRecord(kFill, fill, 1);
  }
  for (std::int32_t i = 0; i < Count(p.pieces()); ++i) {
    PreparePiece(view, *At(*p.pieces(), i), preparer);
  }
}

}  // namespace

extern const OpDefinition kStridedCopyDefinition = {&Verify, &Prepare, nullptr};

}  // namespace quaver
