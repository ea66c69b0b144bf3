#include "persistence/copy_rows.hpp"

#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>

#include <array>
#include <memory>
#include <optional>

namespace souk::persistence {

namespace {

using namespace std::string_view_literals;

/// Signature, no flags, no extension.
constexpr auto header = "PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0"sv;
constexpr auto trailer = "\xff\xff"sv;

/// The low `Bytes` bytes of a value, the highest first.
template <size_t Bytes>
std::array<char, Bytes> big_endian(uint64_t value) {
  std::array<char, Bytes> out;
  for (size_t i = 0; i < Bytes; ++i)
    out[i] = static_cast<char>(value >> (8 * (Bytes - 1 - i)));
  return out;
}

template <size_t Bytes>
void append_number(std::string& out, uint64_t value) {
  auto bytes = big_endian<Bytes>(value);
  out.append(bytes.data(), bytes.size());
}

using result = std::unique_ptr<PGresult, decltype(&PQclear)>;

soci::postgresql_soci_error error_of(PGconn* c, const PGresult* r) {
  auto* state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : nullptr;
  std::string text = r ? PQresultErrorMessage(r) : PQerrorMessage(c);
  return {"Cannot copy rows. " + text, state ? state : "08000"};
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
  append_number<2>(out_, static_cast<uint64_t>(columns));
}

copy_row& copy_row::smallint(int64_t value) {
  append_number<4>(out_, 2);
  append_number<2>(out_, static_cast<uint64_t>(value));
  return *this;
}

copy_row& copy_row::bigint(int64_t value) {
  append_number<4>(out_, 8);
  append_number<8>(out_, static_cast<uint64_t>(value));
  return *this;
}

copy_row& copy_row::text(std::string_view value) {
  append_number<4>(out_, value.size());
  out_ += value;
  return *this;
}

copy_row& copy_row::uuid(const domain::uuid& value) {
  append_number<4>(out_, value.bytes.size());
  out_.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
  return *this;
}

copy_row& copy_row::null() {
  append_number<4>(out_, 0xffffffff);
  return *this;
}

void overwrite_bigint(std::string& out, size_t at, int64_t value) {
  auto bytes = big_endian<8>(static_cast<uint64_t>(value));
  out.replace(at + 4, bytes.size(), bytes.data(), bytes.size());
}

void copy_in(soci::session& s, const std::string& sql, std::span<std::string* const> rows) {
  auto* c = static_cast<soci::postgresql_session_backend*>(s.get_backend())->conn_;
  if (PQsendQuery(c, sql.c_str()) != 1)
    throw error_of(c, nullptr);
  std::optional<soci::postgresql_soci_error> failed;
  size_t next = 0;
  // To the last result, or the session could not be used any more.
  for (;;) {
    result r{PQgetResult(c), PQclear};
    if (!r)
      break;
    switch (PQresultStatus(r.get())) {
    case PGRES_COMMAND_OK: break;
    case PGRES_COPY_IN: {
      if (!send_rows(c, rows[next++]->append(trailer)))
        throw error_of(c, nullptr);
      break;
    }
    default:
      if (!failed)
        failed = error_of(c, r.get());
    }
  }
  if (failed)
    throw *failed;
}

} // namespace souk::persistence
