// Cases of the element-wise operators, copies and softmax; and random values for all.
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/conformance/cases.h"

namespace quaver::kernels {

std::vector<std::int8_t> RandomBytes(std::size_t count, bool extreme, Random& random) {
  std::vector<std::int8_t> bytes(count);
  for (std::int8_t& byte : bytes) {
    byte = extreme ? (random() % 4 == 0 ? std::int8_t{127} : std::int8_t{-128})
                   : static_cast<std::int8_t>(random());
  }
  return bytes;
}

namespace {

std::uint32_t Mask(Random& random) { return static_cast<std::uint32_t>(random()); }

// Row-major strides of a shape that is `dims` where `mask` has a bit, and 1 elsewhere.
std::vector<std::int32_t> BroadcastStrides(const std::vector<std::int32_t>& dims,
                                           std::uint32_t mask, std::size_t* elements) {
  std::vector<std::int32_t> strides(dims.size(), 0);
  std::int32_t count = 1;
  for (std::size_t d = dims.size(); d-- > 0;) {
    if ((mask >> d & 1U) == 0) continue;
    strides[d] = count;
    count *= dims[d];
  }
  *elements = static_cast<std::size_t>(count);
  return strides;
}

template <typename Params>
Case<Params> Broadcast(const std::vector<std::int32_t>& dims, std::uint32_t mask1,
                       std::uint32_t mask2, Random& random) {
  Case<Params> c;
  std::size_t count1 = 0, count2 = 0, count = 0;
  const auto all = ~std::uint32_t{0};
  (void)BroadcastStrides(dims, all, &count);
  c.params.strides1 = c.arrays.Keep(BroadcastStrides(dims, mask1, &count1));
  c.params.strides2 = c.arrays.Keep(BroadcastStrides(dims, mask2, &count2));
  c.params.dims = c.arrays.Keep(dims);
  c.params.rank = static_cast<std::int32_t>(dims.size());
  c.input1 = RandomBytes(count1, false, random);
  c.input2 = RandomBytes(count2, false, random);
  c.units = dims[0];
  c.output_bytes = count;
  c.in_place = count1 == count;
  for (const std::int32_t dim : dims) c.description += std::to_string(dim) + " ";
  c.description += "masks " + std::to_string(mask1) + " " + std::to_string(mask2);
  return c;
}

template <typename Params>
void FillOutput(Params& p, Random& random) {
  p.zero_point1 = Between(random, -128, 127), p.zero_point2 = Between(random, -128, 127);
  p.output_zero_point = Between(random, -128, 127);
  p.clamp_min = random() % 2 == 0 ? -128 : Between(random, -128, 0);
  p.clamp_max = random() % 2 == 0 ? 127 : Between(random, p.clamp_min, 127);
}

// 0 to 3: as in a real layer; from 4: anything that the preconditions allow.
void FillParams(AddSubParams& p, int variant, Random& random) {
  FillOutput(p, random);
  p.multiplier1 = 1 << 30, p.shift1 = 0;
  p.multiplier2 = static_cast<std::int32_t>((1U << 30) + random() % (1U << 30));
  p.shift2 = Between(random, -4, -1);
  p.left_shift = 20;
  p.output_multiplier = static_cast<std::int32_t>((1U << 30) + random() % (1U << 30));
  p.output_shift = Between(random, -19, -17);
  if (variant % 2 == 1) {
    std::swap(p.multiplier1, p.multiplier2);
    std::swap(p.shift1, p.shift2);
  }
  if (variant < 4) return;
  if (variant > 4) {
    p.multiplier1 = static_cast<std::int32_t>(random() >> 1), p.shift1 = Between(random, -31, 0);
    p.multiplier2 = INT32_MAX;
  }
  p.left_shift = Between(random, 0, 22);
  p.output_multiplier = static_cast<std::int32_t>(random() >> 1);
  p.output_shift = Between(random, -31, 30);
}

void FillParams(MulParams& p, int variant, Random& random) {
  FillOutput(p, random);
  p.output_multiplier = static_cast<std::int32_t>((1U << 30) + random() % (1U << 30));
  p.output_shift = Between(random, -9, -5);
  if (variant < 4) return;
  p.output_multiplier = static_cast<std::int32_t>(random() >> 1);
  p.output_shift = Between(random, -31, 30);
}

}  // namespace

template <typename Params>
Case<Params> MakeBroadcast(const std::vector<std::int32_t>& dims, std::uint32_t mask1,
                           std::uint32_t mask2, int variant, Random& random) {
  Case<Params> c = Broadcast<Params>(dims, mask1, mask2, random);
  FillParams(c.params, variant, random);
  return c;
}

template Case<AddParams> MakeBroadcast(const std::vector<std::int32_t>&, std::uint32_t,
                                       std::uint32_t, int, Random&);
template Case<SubParams> MakeBroadcast(const std::vector<std::int32_t>&, std::uint32_t,
                                       std::uint32_t, int, Random&);
template Case<MulParams> MakeBroadcast(const std::vector<std::int32_t>&, std::uint32_t,
                                       std::uint32_t, int, Random&);

namespace {

template <typename Params>
std::vector<Case<Params>> BroadcastCases(std::uint32_t seed) {
  Random random(seed);
  std::vector<Case<Params>> cases;
  constexpr std::uint32_t kAll = ~std::uint32_t{0};
  for (int variant = 0; variant < 8; ++variant) {
    for (const std::int32_t n : {1, 2, 7, 8, 15, 16, 17, 31, 33, 64, 100}) {
      cases.push_back(MakeBroadcast<Params>({n}, kAll, kAll, variant, random));
    }
    cases.push_back(MakeBroadcast<Params>({37}, kAll, 0, variant, random));
    cases.push_back(MakeBroadcast<Params>({37}, 0, kAll, variant, random));
    for (int i = 0; i < 12; ++i) {
      std::vector<std::int32_t> dims(static_cast<std::size_t>(Between(random, 2, kMaxDims)));
      for (std::int32_t& dim : dims) dim = Between(random, 1, 5);
      const std::uint32_t mask = i % 3 == 0 ? kAll : Mask(random);
      cases.push_back(MakeBroadcast<Params>(dims, mask, Mask(random), variant, random));
    }
  }
  return cases;
}

/// Every pair of values, with parameters as in a real layer, and where half of the sums are ties.
template <typename Params>
std::vector<Case<Params>> EveryPairCases(std::uint32_t seed) {
  Random random(seed);
  std::vector<Case<Params>> cases;
  for (int i = 0; i < 16; ++i) {
    Case<Params> c = MakeBroadcast<Params>({256, 256}, 3, 3, i % 4, random);
    c.description = "every pair, case " + std::to_string(i);
    for (std::size_t pair = 0; pair < c.input1.size(); ++pair) {
      c.input1[pair] = static_cast<std::int8_t>(pair >> 8);
      c.input2[pair] = static_cast<std::int8_t>(pair);
    }
    Params& p = c.params;
    if (i % 2 == 0) p.clamp_min = -128, p.clamp_max = 127;
    if (i >= 8) p.multiplier1 = p.multiplier2, p.shift1 = p.shift2 = Between(random, -2, 0);
    if (i >= 12) p.multiplier1 = p.multiplier2 = p.output_multiplier = 1 << 30;
    cases.push_back(c);
  }
  return cases;
}

template <typename Params>
std::vector<Case<Params>> SumCases(std::uint32_t seed) {
  std::vector<Case<Params>> cases = BroadcastCases<Params>(seed);
  for (Case<Params>& c : EveryPairCases<Params>(seed + 100)) cases.push_back(std::move(c));
  return cases;
}

}  // namespace

template <>
std::vector<Case<AddParams>> CasesOf<AddParams>() {
  return SumCases<AddParams>(21);
}
template <>
std::vector<Case<SubParams>> CasesOf<SubParams>() {
  return SumCases<SubParams>(22);
}
template <>
std::vector<Case<MulParams>> CasesOf<MulParams>() {
  return BroadcastCases<MulParams>(23);
}

template <>
std::vector<Case<Lut8Params>> CasesOf<Lut8Params>() {
  Random random(24);
  std::vector<Case<Lut8Params>> cases;
  const auto add = [&](std::int32_t count, const std::vector<std::int8_t>& table) {
    Case<Lut8Params> c;
    c.description = std::to_string(count) + " bytes";
    c.params.table = reinterpret_cast<const std::uint8_t*>(c.arrays.Keep(table));
    c.params.count = c.units = count;
    c.output_bytes = static_cast<std::size_t>(count);
    c.input1 = RandomBytes(c.output_bytes, false, random);
    c.in_place = true;
    cases.push_back(c);
  };
  for (const std::int32_t count : {1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 300, 1500}) {
    add(count, RandomBytes(256, false, random));
  }
  // From uint8 to int8, and but for one entry.
  std::vector<std::int8_t> flip(256);
  for (std::size_t i = 0; i < flip.size(); ++i) flip[i] = static_cast<std::int8_t>(i ^ 0x80);
  add(1000, flip);
  for (const std::size_t entry : {0U, 1U, 100U, 255U}) {
    std::vector<std::int8_t> other = flip;
    other[entry] = 5;
    add(1000, other);
  }
  // A table that adds one number to every byte, and one that does so but for one byte.
  for (const bool exact : {true, false}) {
    Case<Lut8Params> c = cases.back();
    std::vector<std::int8_t> table(256);
    for (std::size_t i = 0; i < table.size(); ++i) table[i] = static_cast<std::int8_t>(i + 77);
    if (!exact) table[200] = 5;
    c.description += exact ? " sums" : " all but sums";
    c.params.table = reinterpret_cast<const std::uint8_t*>(c.arrays.Keep(std::move(table)));
    cases.push_back(c);
  }
  return cases;
}

template <>
std::vector<Case<SoftmaxParams>> CasesOf<SoftmaxParams>() {
  Random random(25);
  std::vector<Case<SoftmaxParams>> cases;
  for (const std::int32_t depth : {1, 2, 3, 10, 12, 16, 17, 100, 600, 1001}) {
    for (const double scale : {0.001, 0.05, 0.14, 2.0}) {
      Case<SoftmaxParams> c;
      std::vector<std::int32_t> table = {INT32_MAX};
      const std::int32_t size = scale > 0.1 ? Between(random, 1, 255) : 256;
      for (std::int32_t d = 1; d < size; ++d) {
        table.push_back(static_cast<std::int32_t>(std::exp(-d * scale) * 2147483647.0));
      }
      c.description = "depth " + std::to_string(depth) + " table " + std::to_string(size);
      c.params.table_size = size;
      c.params.exp_table = c.arrays.Keep(std::move(table));
      c.params.rows = c.units = Between(random, 1, 5);
      c.params.depth = depth;
      c.output_bytes = static_cast<std::size_t>(c.units * depth);
      c.input1 = RandomBytes(c.output_bytes, scale == 0.05, random);
      c.in_place = true;
      cases.push_back(c);
    }
  }
  return cases;
}

// Dense target, random strides of the source, some of them negative or zero.
template <>
std::vector<Case<StridedCopyParams>> CasesOf<StridedCopyParams>() {
  Random random(26);
  std::vector<Case<StridedCopyParams>> cases;
  for (const std::int32_t run : {1, 2, 3, 4, 8, 15, 16, 17, 33, 64, 100}) {
    for (std::int32_t rank = 0; rank <= kMaxDims; ++rank) {
      Case<StridedCopyParams> c;
      std::vector<std::int32_t> dims, source, target(static_cast<std::size_t>(rank));
      std::int32_t lowest = 0, highest = 0, stride = run;
      for (std::int32_t d = 0; d < rank; ++d) {
        dims.push_back(Between(random, 1, 4));
        source.push_back(Between(random, -20, 20) * (d + 1));
        (source[static_cast<std::size_t>(d)] < 0 ? lowest : highest) +=
            source[static_cast<std::size_t>(d)] * (dims[static_cast<std::size_t>(d)] - 1);
      }
      for (std::size_t d = target.size(); d-- > 0;) {
        target[d] = stride;
        stride *= dims[d];
      }
      c.description = "rank " + std::to_string(rank) + " run " + std::to_string(run);
      c.units = rank == 0 ? 1 : dims[0];
      c.params.dims = c.arrays.Keep(dims);
      c.params.source_strides = c.arrays.Keep(source);
      c.params.target_strides = c.arrays.Keep(target);
      c.params.rank = rank, c.params.run_bytes = run;
      c.input_offset = -lowest;
      c.input1 = RandomBytes(static_cast<std::size_t>(highest - lowest + run), false, random);
      c.output_bytes = static_cast<std::size_t>(stride);
      cases.push_back(c);
    }
  }
  // Transpositions, alone and in a stack.
  for (const std::int32_t rows : {1, 7, 8, 9, 16, 19, 40}) {
    for (const std::int32_t columns : {3, 8, 15, 33}) {
      for (const bool stack : {false, true}) {
        Case<StridedCopyParams> c;
        std::vector<std::int32_t> dims = {columns, rows}, source = {1, columns}, target = {rows, 1};
        if (stack) {
          dims.insert(dims.begin(), 3);
          source.insert(source.begin(), rows * columns);
          target.insert(target.begin(), rows * columns);
        }
        c.description = "transpose " + std::to_string(rows) + "x" + std::to_string(columns);
        c.params.dims = c.arrays.Keep(dims);
        c.params.source_strides = c.arrays.Keep(source);
        c.params.target_strides = c.arrays.Keep(target);
        c.params.rank = stack ? 3 : 2, c.params.run_bytes = 1;
        c.units = dims[0];
        c.output_bytes = static_cast<std::size_t>((stack ? 3 : 1) * rows * columns);
        c.input1 = RandomBytes(c.output_bytes, false, random);
        cases.push_back(c);
      }
    }
  }
  return cases;
}

}  // namespace quaver::kernels
