#include "persistence/pipeline.hpp"

#include "persistence/postgres_result.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <utility>

namespace souk::persistence {

namespace {

/// The end of what one statement came to is a null.
bool ends(PGconn* c) {
  return postgres_result{PQgetResult(c), PQclear} == nullptr;
}

} // namespace

size_t pipeline_rows::size() const {
  return static_cast<size_t>(PQntuples(rows_.get()));
}

std::string_view pipeline_rows::text(size_t row, int column) const {
  const auto r = static_cast<int>(row);
  if (PQgetisnull(rows_.get(), r, column) != 0)
    throw std::runtime_error("a statement answered null");
  return {PQgetvalue(rows_.get(), r, column),
          static_cast<size_t>(PQgetlength(rows_.get(), r, column))};
}

void pipeline_rows::get(size_t row, int column, long long& value) const {
  const auto digits = text(row, column);
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
}

void pipeline_rows::get(size_t row, int column, std::string& value) const {
  value = text(row, column);
}

void pipeline::add(std::string text) {
  asked_.push_back({{}, std::move(text), {}, {}});
}

/// SOCI has no way to send a statement without waiting for it, but keeps the name under which it
/// was prepared, and which parameter belongs where.
void pipeline::add(soci::statement& prepared, std::string text, std::span<const std::string> names,
                   std::span<const std::string> values) {
  auto& of = *static_cast<soci::postgresql_statement_backend*>(prepared.get_backend());
  if (of.statementName_.empty())
    throw std::logic_error("a statement that is planned for each run cannot be sent with others");
  asked x{of.statementName_, std::move(text), {}, {}};
  for (auto& name : of.names_) { // one a place: a parameter that is named twice stands there twice
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end())
      throw std::logic_error("a statement has a parameter that nobody gives");
    x.values.push_back(values[static_cast<size_t>(at - names.begin())].c_str());
  }
  asked_.push_back(std::move(x));
}

void pipeline::add(const char* prepared, std::span<const binary_value> values) {
  asked x{prepared, prepared, {}, {}};
  for (auto& v : values) {
    x.values.push_back(v.data);
    x.lengths.push_back(v.length);
  }
  asked_.push_back(std::move(x));
}

std::vector<pipeline_rows> pipeline::run() {
  auto* c = raw(session_);
  const auto send = [c](const asked& x) {
    if (x.name.empty())
      return PQsendQueryParams(c, x.text.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) == 1;
    const std::vector<int> formats(x.lengths.size(), 1);
    return PQsendQueryPrepared(c, x.name.c_str(), static_cast<int>(x.values.size()),
                               x.values.data(), x.lengths.empty() ? nullptr : x.lengths.data(),
                               formats.empty() ? nullptr : formats.data(), 0)
           == 1;
  };
  // An error without an SQLSTATE has the session closed by whoever catches it.
  if (PQenterPipelineMode(c) != 1 || !std::all_of(asked_.begin(), asked_.end(), send)
      || PQpipelineSync(c) != 1)
    throw error_of("Cannot send statements.", c, nullptr);
  std::vector<pipeline_rows> out;
  std::optional<soci::postgresql_soci_error> failed;
  for (size_t i = 0; i < asked_.size(); ++i) {
    postgres_result r{PQgetResult(c), PQclear};
    const auto doing = "Cannot execute \"" + asked_[i].text + "\".";
    if (!r)
      throw error_of(doing.c_str(), c, nullptr);
    const auto status = PQresultStatus(r.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && !failed)
      failed = error_of(doing.c_str(), c, r.get());
    out.emplace_back(std::shared_ptr<PGresult>{r.release(), PQclear});
    if (!ends(c))
      throw error_of(doing.c_str(), c, nullptr);
  }
  const postgres_result end{PQgetResult(c), PQclear};
  if (!end || PQresultStatus(end.get()) != PGRES_PIPELINE_SYNC || PQexitPipelineMode(c) != 1)
    throw error_of("Statements did not come to their end.", c, nullptr);
  asked_.clear();
  if (failed)
    throw *failed;
  return out;
}

void prepare(soci::session& s, const char* name, const std::string& text) {
  auto* c = raw(s);
  const postgres_result r{PQprepare(c, name, text.c_str(), 0, nullptr), PQclear};
  if (PQresultStatus(r.get()) != PGRES_COMMAND_OK)
    throw error_of("Cannot prepare a statement.", c, r.get());
}

} // namespace souk::persistence
