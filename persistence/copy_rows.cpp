#include "persistence/copy_rows.hpp"

#include "persistence/postgres_result.hpp"

#include <boost/endian/conversion.hpp>

#include <array>
#include <cstring>
#include <optional>

namespace souk::persistence {

namespace {

using namespace std::string_view_literals;

/// Signature, no flags, no extension.
constexpr auto header = "PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0"sv;
constexpr auto trailer = "\xff\xff"sv;
constexpr auto cannot_copy = "Cannot copy rows.";

/// The bytes of integers, the highest first.
template <class... Integers>
auto big_endian(Integers... values) {
  std::array<char, (sizeof(Integers) + ...)> out;
  auto* at = out.data();
  const auto put = [&at](auto value) {
    boost::endian::native_to_big_inplace(value);
    std::memcpy(at, &value, sizeof value);
    at += sizeof value;
  };
  (put(values), ...);
  return out;
}

/// All at once: a string takes as long for two bytes as for twelve.
template <class... Integers>
void append_numbers(std::string& out, Integers... values) {
  auto bytes = big_endian(values...);
  out.append(bytes.data(), bytes.size());
}

const unsigned char* bytes(const char* at) {
  return reinterpret_cast<const unsigned char*>(at);
}

/// In pieces: libpq keeps a copy of each, and the server takes none above 1 GiB.
bool send_rows(PGconn* c, std::string_view data) {
  constexpr size_t piece = size_t{256} * 1024;
  for (size_t at = 0; at < data.size(); at += piece) {
    auto part = data.substr(at, piece);
    if (PQputCopyData(c, part.data(), static_cast<int>(part.size())) != 1)
      return false;
  }
  return PQputCopyEnd(c, nullptr) == 1;
}

} // namespace

copy_row::copy_row(std::string& out, int16_t columns) : out_{out} {
  if (out_.empty())
    out_ = header;
  append_numbers(out_, columns);
}

copy_row& copy_row::smallint(int64_t value) {
  append_numbers(out_, int32_t{2}, static_cast<int16_t>(value));
  return *this;
}

copy_row& copy_row::bigint(int64_t value) {
  append_numbers(out_, int32_t{8}, value);
  return *this;
}

copy_row& copy_row::text(std::string_view value) {
  append_numbers(out_, static_cast<int32_t>(value.size()));
  out_ += value;
  return *this;
}

copy_row& copy_row::bigints(std::span<const int64_t> values) {
  // array_recv: dimensions, whether there are nulls, the elements' type, length and first index.
  constexpr int32_t int8 = 20;
  const auto count = static_cast<int32_t>(values.size());
  append_numbers(out_, int32_t{20} + 12 * count, int32_t{1}, int32_t{0}, int8, count, int32_t{1});
  for (const auto value : values)
    append_numbers(out_, int32_t{8}, value);
  return *this;
}

copy_row& copy_row::uuid(const domain::uuid& value) {
  append_numbers(out_, static_cast<int32_t>(value.bytes.size()));
  out_.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
  return *this;
}

copy_row& copy_row::null() {
  append_numbers(out_, int32_t{-1});
  return *this;
}

std::vector<std::vector<binary_value>> few_rows(std::string_view rows, size_t most) {
  std::vector<std::vector<binary_value>> out;
  const auto* at = rows.data() + header.size();
  while (at < rows.data() + rows.size()) {
    if (out.size() == most)
      return {};
    auto& row = out.emplace_back(static_cast<size_t>(boost::endian::load_big_s16(bytes(at))));
    at += sizeof(int16_t);
    for (auto& value : row) {
      value.length = boost::endian::load_big_s32(bytes(at));
      at += sizeof(int32_t);
      if (value.length < 0) {
        value = {};
      } else {
        value.data = at;
        at += value.length;
      }
    }
  }
  return out;
}

void copy_in(soci::session& s, const std::string& sql, std::span<std::string* const> rows) {
  auto* c = raw(s);
  if (PQsendQuery(c, sql.c_str()) != 1)
    throw error_of(cannot_copy, c, nullptr);
  std::optional<soci::postgresql_soci_error> failed;
  size_t next = 0;
  // To the last result, or the session could not be used any more.
  for (;;) {
    postgres_result r{PQgetResult(c), PQclear};
    if (!r)
      break;
    switch (PQresultStatus(r.get())) {
    case PGRES_COMMAND_OK: break;
    case PGRES_COPY_IN: {
      if (!send_rows(c, rows[next++]->append(trailer)))
        throw error_of(cannot_copy, c, nullptr);
      break;
    }
    default:
      if (!failed)
        failed = error_of(cannot_copy, c, r.get());
    }
  }
  if (failed)
    throw *failed;
}

} // namespace souk::persistence
