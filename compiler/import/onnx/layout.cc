// How values change order and shape. ONNX is NCHW, the graph is NHWC: every value carries the
// order that its dimensions have in the graph, so that most operators move nothing.
#include <algorithm>
#include <numeric>

#include "compiler/import/onnx/builder.h"

namespace quaver::compiler::onnx_import {
namespace {

Order WithoutUnits(const Order& order, const Dims& dims) {
  Order kept;
  for (std::int32_t d : order) {
    if (dims[static_cast<std::size_t>(d)] != 1) kept.push_back(d);
  }
  return kept;
}

// The elements of an array of shape `dims` with their dimensions in `order`.
std::vector<float> Permuted(const std::vector<float>& values, const Dims& dims,
                            const Order& order) {
  const Shape shape = OrderedShape(dims, order);
  std::vector<std::size_t> strides(dims.size(), 1);
  for (std::size_t d = strides.size(); d-- > 1;) {
    strides[d - 1] = strides[d] * static_cast<std::size_t>(dims[d]);
  }
  std::vector<float> result(values.size());
  for (std::size_t i = 0; i < result.size(); ++i) {
    std::size_t rest = i;
    std::size_t from = 0;
    for (std::size_t d = shape.size(); d-- > 0;) {
      const auto size = static_cast<std::size_t>(shape[d]);
      from += rest % size * strides[static_cast<std::size_t>(order[d])];
      rest /= size;
    }
    result[i] = values[from];
  }
  return result;
}

// Dimensions of two shapes with the same number of elements, cut into the shortest groups that
// hold equally many: [8, 3, 5, 5] and [8, 75] give {0}-{0} and {1, 2, 3}-{1}. Dimensions of 1 are
// left out.
struct Group {
  std::vector<std::int32_t> from, to;
};

std::vector<Group> MatchDimensions(const Dims& from, const Dims& to) {
  std::vector<Group> groups;
  std::size_t i = 0;
  std::size_t j = 0;
  const auto skip_units = [](const Dims& dims, std::size_t* d) {
    while (*d < dims.size() && dims[*d] == 1) ++*d;
  };
  skip_units(from, &i);
  skip_units(to, &j);
  while (i < from.size() && j < to.size()) {
    Group group;
    std::int64_t left = 1;
    std::int64_t right = 1;
    do {
      if (left <= right) {
        left *= from[i];
        group.from.push_back(static_cast<std::int32_t>(i++));
        skip_units(from, &i);
      } else {
        right *= to[j];
        group.to.push_back(static_cast<std::int32_t>(j++));
        skip_units(to, &j);
      }
    } while (left != right && (left < right ? i < from.size() : j < to.size()));
    groups.push_back(std::move(group));
  }
  return groups;
}

// Whether the group's dimensions lie side by side and in ONNX's order; `positions` counts without
// dimensions of 1.
bool InPlace(const Group& group, const Order& positions) {
  for (std::size_t i = 1; i < group.from.size(); ++i) {
    if (positions[static_cast<std::size_t>(group.from[i])] !=
        positions[static_cast<std::size_t>(group.from[i - 1])] + 1) {
      return false;
    }
  }
  return true;
}

// The order of a whole shape in which `kept`, its dimensions other than 1, have the order given:
// channels last or ONNX's own where they fit, since these need no further change.
Order Completed(const Order& kept, const Dims& dims) {
  for (const Order& order : {ChannelsLast(dims.size()), Identity(dims.size())}) {
    if ((dims.size() == 4 || order == Identity(dims.size())) && WithoutUnits(order, dims) == kept) {
      return order;
    }
  }
  Order order;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    if (dims[d] == 1) order.push_back(static_cast<std::int32_t>(d));
  }
  order.insert(order.end(), kept.begin(), kept.end());
  return order;
}

}  // namespace

Value NodeImporter::ConstantTensor(const Value& value, const Order& order) {
  const Constant& constant = *value.constant;
  if (constant.integer) {
    Fail("a constant input has integers, expected float32; export the float model");
  }
  Value result;
  result.dims = value.dims;
  result.order = order;
  result.tensor =
      AddConstant("constant" + std::to_string(graph().tensors.size()),
                  OrderedShape(value.dims, order), Permuted(constant.floats, constant.dims, order));
  // As an operand it needs one scale; with several it is as good as float.
  const std::vector<float>& steps = constant.steps;
  if (!steps.empty() && std::count(steps.begin(), steps.end(), steps[0]) ==
                            static_cast<std::ptrdiff_t>(steps.size())) {
    graph().tensor(result.tensor).quantization = {{steps[0]}, {0}, 0};
  }
  return result;
}

Value NodeImporter::Unflattened(const Value& value) {
  const Flattened& image = value.flattened;
  Dims spread(value.dims.begin(), value.dims.end() - 1);
  const std::size_t lead = spread.size();
  spread.insert(spread.end(), image.dims.begin(), image.dims.end());
  const Value parts = Add(ReshapeOp{}, {value.tensor}, spread, Identity(spread.size()));
  Order permutation = Identity(lead);
  Dims sorted(spread.begin(), spread.begin() + static_cast<std::ptrdiff_t>(lead));
  for (std::int32_t d : image.permutation) {
    permutation.push_back(static_cast<std::int32_t>(lead) + d);
    sorted.push_back(image.dims[static_cast<std::size_t>(d)]);
  }
  const Value moved =
      Add(TransposeOp{permutation}, {parts.tensor}, sorted, Identity(sorted.size()));
  return Add(ReshapeOp{}, {moved.tensor}, value.dims, value.order);
}

Value NodeImporter::Plain(const Value& value) {
  if (value.constant != nullptr) return ConstantTensor(value, Identity(value.rank()));
  return value.flattened.empty() ? value : Unflattened(value);
}

Value NodeImporter::WithOrder(const Value& value, const Order& order) {
  if (value.constant != nullptr) return ConstantTensor(value, order);
  Value plain = Plain(value);
  if (plain.order == order) return plain;
  if (WithoutUnits(plain.order, plain.dims) == WithoutUnits(order, plain.dims)) {
    return Add(ReshapeOp{}, {plain.tensor}, plain.dims, order);
  }
  const Order positions = Positions(plain.order);
  TransposeOp transpose;
  for (std::int32_t d : order) {
    transpose.permutation.push_back(positions[static_cast<std::size_t>(d)]);
  }
  return Add(transpose, {plain.tensor}, plain.dims, order);
}

Value NodeImporter::Image(std::size_t i) {
  const Value& value = Input(i);
  if (value.rank() == 3) {
    const Dims dims = {value.dims[0], value.dims[1], 1, value.dims[2]};
    return WithOrder(Reshaped(value, dims), ChannelsLast(4));
  }
  if (value.rank() != 4) {
    Fail("input " + std::to_string(i) + " has shape " + DimsString(value.dims) +
         ", expected an image [N, C, H, W] or a sequence [N, C, L]; 3-D operators are not "
         "supported");
  }
  return WithOrder(value, ChannelsLast(4));
}

void NodeImporter::SetImage(const Value& image) {
  const bool sequence = Input(0).rank() == 3;
  SetOutput(0, sequence ? Reshaped(image, {image.dims[0], image.dims[1], image.dims[3]}) : image);
}

Value NodeImporter::Reshaped(const Value& value, const Dims& dims) {
  if (ElementCount(dims) != ElementCount(value.dims)) {
    Fail("cannot give " + DimsString(value.dims) + " the shape " + DimsString(dims) +
         ": the number of elements differs; check the shape, and that only the batch is dynamic");
  }
  if (value.constant != nullptr) {
    Constant constant = *value.constant;
    constant.dims = dims;
    return MakeConstant(std::move(constant));
  }
  if (dims == value.dims) return value;
  if (!value.flattened.empty()) {
    if (dims.empty() || dims.back() != value.dims.back()) {
      return Reshaped(Unflattened(value), dims);
    }
    Value result = Add(ReshapeOp{}, {value.tensor}, dims, Identity(dims.size()));
    result.flattened = value.flattened;
    return result;
  }

  std::vector<Group> groups = MatchDimensions(value.dims, dims);
  const Order positions = [&] {
    const Order kept = WithoutUnits(value.order, value.dims);
    Order result(value.rank(), 0);
    for (std::size_t p = 0; p < kept.size(); ++p) {
      result[static_cast<std::size_t>(kept[p])] = static_cast<std::int32_t>(p);
    }
    return result;
  }();
  const auto position = [&](std::int32_t d) { return positions[static_cast<std::size_t>(d)]; };

  // An image flattened into the last dimension keeps its bytes and remembers their order.
  Flattened flattened;
  if (!groups.empty() && !InPlace(groups.back(), positions) && groups.back().to.size() == 1 &&
      groups.back().to[0] == static_cast<std::int32_t>(dims.size()) - 1) {
    Group& last = groups.back();
    Order memory = last.from;
    std::sort(memory.begin(), memory.end(),
              [&](std::int32_t a, std::int32_t b) { return position(a) < position(b); });
    const auto nonunits = static_cast<std::int32_t>(WithoutUnits(value.order, value.dims).size());
    if (position(memory.front()) == nonunits - static_cast<std::int32_t>(memory.size())) {
      flattened.dims = OrderedShape(value.dims, memory);
      for (std::int32_t d : last.from) {
        const auto at = std::find(memory.begin(), memory.end(), d) - memory.begin();
        flattened.permutation.push_back(static_cast<std::int32_t>(at));
      }
      last.from = memory;
    }
  }
  for (const Group& group : groups) {
    if (!InPlace(group, positions)) {
      return Reshaped(WithOrder(value, Identity(value.rank())), dims);
    }
  }
  std::sort(groups.begin(), groups.end(), [&](const Group& a, const Group& b) {
    return position(a.from.front()) < position(b.from.front());
  });
  Order kept;
  for (const Group& group : groups) kept.insert(kept.end(), group.to.begin(), group.to.end());
  if (!flattened.empty() && kept != WithoutUnits(Identity(dims.size()), dims)) {
    return Reshaped(WithOrder(value, Identity(value.rank())), dims);
  }
  Value result = Add(ReshapeOp{}, {value.tensor}, dims,
                     flattened.empty() ? Completed(kept, dims) : Identity(dims.size()));
  result.flattened = flattened;
  return result;
}

}  // namespace quaver::compiler::onnx_import
