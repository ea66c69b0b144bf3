#include "http/server/request_id.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>

namespace souk::http {

namespace {

constexpr char base32_digits[] = "0123456789abcdefghijklmnopqrstuv";

/// Writes the low 5 * n bits of `x` as n digits.
void write_base32(char* to, std::size_t n, uint64_t x) {
  while (n-- > 0) {
    to[n] = base32_digits[x & 31];
    x >>= 5;
  }
}

struct generator {
  static constexpr uint64_t period = uint64_t{1} << 35;
  char prefix[8];
  uint64_t count = period; // so that the first id draws a prefix

  std::string next() {
    if (count == period) {
      std::random_device random;
      write_base32(prefix, sizeof prefix, (uint64_t{random()} << 32) | random());
      count = 0;
    }
    std::string id(15, '0');
    std::copy_n(prefix, sizeof prefix, id.data());
    write_base32(id.data() + sizeof prefix, 7, count++);
    return id;
  }
};

} // namespace

bool is_valid_request_id(std::string_view id) {
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.'
           || c == '_' || c == '-';
  };
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), allowed);
}

std::string make_request_id() {
  thread_local generator ids;
  return ids.next();
}

} // namespace souk::http
