// A pointer and a count: what std::span is in C++20.
#ifndef QUAVER_SPAN_H_
#define QUAVER_SPAN_H_

#include <cstddef>
#include <type_traits>
#include <utility>

namespace quaver {

template <typename T>
class Span {
 public:
  constexpr Span() = default;
  constexpr Span(T* data, std::size_t size) : data_(data), size_(size) {}

  template <std::size_t N>
  constexpr Span(T (&array)[N]) : data_(array), size_(N) {}  // NOLINT: implicit as std::span

  /// From anything with data() and size(): std::vector, std::array, a Span of non-const.
  template <typename Container, typename = std::enable_if_t<std::is_convertible_v<
                                    decltype(std::declval<Container&>().data()), T*>>>
  constexpr Span(Container& c) : data_(c.data()), size_(c.size()) {}  // NOLINT
  template <typename Container, typename = std::enable_if_t<std::is_convertible_v<
                                    decltype(std::declval<const Container&>().data()), T*>>>
  constexpr Span(const Container& c) : data_(c.data()), size_(c.size()) {}  // NOLINT

  [[nodiscard]] constexpr T* data() const { return data_; }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
  [[nodiscard]] constexpr T& operator[](std::size_t i) const { return data_[i]; }
  [[nodiscard]] constexpr T* begin() const { return data_; }
  [[nodiscard]] constexpr T* end() const { return data_ + size_; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace quaver

#endif  // QUAVER_SPAN_H_
