#include "runtime/ops/compressed_weights.h"

#include "runtime/preparer.h"

namespace quaver {

QUAVER_RECORD_BYTES(CallRecord<kernels::ExpandWeightsParams>, 60, 96);

namespace {

constexpr std::int32_t kMostVector = 16;

constexpr kernels::Kernel<kernels::ExpandWeightsParams> kExpand = {
    "ExpandWeightsScalar", Isa::kScalar, &kernels::ExpandWeightsScalar, {}, nullptr, nullptr};

/// Of `count` bits, a byte for eight of them.
constexpr std::int32_t BitBytes(std::int32_t count) { return count / 8 + (count % 8 != 0 ? 1 : 0); }

/// How many of the first `count` bits are set.
std::int32_t CountBits(const std::uint8_t* bytes, std::int32_t count) {
  std::int32_t set = 0;
  for (std::int32_t i = 0; i < count; i += 8, ++bytes) {
    const std::int32_t left = count - i;
    std::uint32_t byte = left < 8 ? *bytes & ((1U << left) - 1) : *bytes;
    for (; byte != 0; byte &= byte - 1) ++set;
    if (left <= 8) break;  // i + 8 may be more than fits
  }
  return set;
}

class CompressionVerifier {
 public:
  CompressionVerifier(const Checker& checker, const fb::Tensor& tensor)
      : c_(checker),
        tensor_(tensor),
        compression_(*tensor.compression()),
        weights_(ElementCount(tensor)),
        rows_(Dim(tensor, 0)),
        row_weights_(weights_ / rows_) {}

  [[nodiscard]] bool Verify() const {
    const std::int32_t bits = compression_.bits();
    if (!(bits == 1 || bits == 2 || bits == 4 || c_.Equal("bits of compressed weights", 8, bits))) {
      return false;
    }
    return c_.InRange("vector of compressed weights", 1, kMostVector, compression_.vector()) &&
           c_.InRange("expansion of compressed weights", 0,
                      static_cast<std::int32_t>(fb::Expansion::MAX),
                      static_cast<std::int32_t>(compression_.expansion())) &&
           VerifyValues() && VerifyPresent() && VerifyIndexes() && VerifyMultipliers();
  }

 private:
  [[nodiscard]] bool VerifyValues() const {
    const std::int32_t count = Count(compression_.values());
    const std::int32_t shared = compression_.vector() << compression_.bits();
    if (compression_.values() == nullptr) {
      return c_.Equal("bits of compressed weights without values", 8, compression_.bits()) &&
             c_.Equal("vector of compressed weights without values", 1, compression_.vector()) &&
             c_.Equal("multipliers of compressed weights without values", 0,
                      Count(compression_.multipliers())) &&
             (compression_.present() != nullptr ||
              c_.Fail("compressed weights with neither values nor a bit for each weight"));
    }
    return count == shared ||
           (compression_.vector() == 1 && count / rows_ == shared && count % rows_ == 0) ||
           c_.FailWith("values of compressed weights", shared, count);
  }

  [[nodiscard]] bool VerifyPresent() const {
    return compression_.present() == nullptr ||
           (c_.Equal("vector of compressed weights with a bit for each", 1,
                     compression_.vector()) &&
            c_.Equal("bytes of the bits that say which weights are present", BitBytes(weights_),
                     Count(compression_.present())));
  }

  [[nodiscard]] bool VerifyIndexes() const {
    if (!c_.InRange("index of the buffer", 0, Count(c_.model().buffers()) - 1, tensor_.buffer())) {
      return false;
    }
    const std::int32_t vector = compression_.vector();
    const std::int32_t present = compression_.present() == nullptr
                                     ? weights_
                                     : CountBits(compression_.present()->data(), weights_);
    const std::int32_t count = present / vector + (present % vector != 0 ? 1 : 0);
    const std::int64_t bits = std::int64_t{count} * compression_.bits();
    return c_.Equal("bytes of compressed weights", (bits + 7) / 8,
                    Count(c_.model().buffers()->Get(tensor_.buffer())->data()));
  }

  [[nodiscard]] bool VerifyMultipliers() const {
    const auto* multipliers = compression_.multipliers();
    if (multipliers == nullptr) return true;
    const std::int32_t group = compression_.group_weights();
    if (!c_.InRange("compressed weights that share a multiplier", 1, row_weights_, group)) {
      return false;
    }
    const std::int64_t groups = row_weights_ / group + (row_weights_ % group != 0 ? 1 : 0);
    if (!c_.Equal("multipliers of compressed weights", groups * rows_, Count(multipliers))) {
      return false;
    }
    std::int32_t largest = 0;
    for (std::int32_t i = 0; i < Count(multipliers); ++i) {
      const std::int32_t multiplier = At(*multipliers, i);
      if (multiplier > largest) largest = multiplier;
    }
    for (std::int32_t i = 0; i < Count(compression_.values()); ++i) {
      if (!c_.InRange("value times the largest multiplier of compressed weights", INT8_MIN,
                      INT8_MAX, At(*compression_.values(), i) * largest)) {
        return false;
      }
    }
    return true;
  }

  const Checker& c_;
  const fb::Tensor& tensor_;
  const fb::Compression& compression_;
  const std::int32_t weights_;
  const std::int32_t rows_;
  const std::int32_t row_weights_;
};

bool Verify(const Checker& c, const fb::Tensor& tensor) {
  if (tensor.compression() == nullptr) {
    return c.Fail("compressed weights that do not say how");
  }
  return c.InRange("dimensions of compressed weights", 1, kMaxRank, Rank(tensor)) &&
         c.Equal("tensor type of compressed weights (0 int8)",
                 static_cast<std::int64_t>(fb::TensorType::Int8),
                 static_cast<std::int32_t>(tensor.type())) &&
         CompressionVerifier(c, tensor).Verify();
}

const std::int8_t* Expand(const fb::Model& model, const fb::Tensor& tensor, bool to_run,
                          Preparer* preparer) {
  kernels::ExpandWeightsParams params{ToCompressedWeights(model, tensor), nullptr};
  const std::uint64_t bytes = ArenaLayout::RoundUp(TensorBytes(tensor), 64);
  if (to_run && tensor.compression()->expansion() == fb::Expansion::Run) {
    params.target = preparer->PlaceBeforeScratch(bytes);
    preparer->AddRecord(kExpand, params, 1);
    return params.target;
  }
  params.target = to_run ? reinterpret_cast<std::int8_t*>(preparer->PlaceWeights(bytes))
                         : preparer->PlaceWhilePreparing(bytes);
  if (params.target != nullptr) kernels::ExpandWeights(params);
  return params.target;
}

}  // namespace

kernels::CompressedWeights ToCompressedWeights(const fb::Model& model, const fb::Tensor& tensor) {
  const fb::Compression& compression = *tensor.compression();
  const auto data = [](const auto* vector) { return vector == nullptr ? nullptr : vector->data(); };
  kernels::CompressedWeights weights{};
  // No index, no bytes: nothing is present.
  weights.indexes = data(model.buffers()->Get(tensor.buffer())->data());
  weights.values = data(compression.values());
  weights.present = data(compression.present());
  weights.multipliers = data(compression.multipliers());
  weights.rows = Dim(tensor, 0);
  weights.row_weights = ElementCount(tensor) / weights.rows;
  weights.group_weights = compression.group_weights();
  const std::int32_t shared = compression.vector() << compression.bits();
  weights.value_stride = Count(compression.values()) > shared ? shared : 0;
  weights.bits = compression.bits();
  weights.vector = compression.vector();
  return weights;
}

extern const CompressedWeightsDefinition kCompressedWeightsDefinition = {&Verify, &Expand};

}  // namespace quaver
