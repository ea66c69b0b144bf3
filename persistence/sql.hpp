// Set-based SQL over one JSON parameter, the same text for both databases where that is possible.
//
// SOCI 4.0.3's vector "bulk" is one round trip a row on PostgreSQL, so a set of rows goes in as one
// JSON array: json_to_recordset there, json_each in SQLite. Amounts by product: see `amounts_of`.
#pragma once

#include "persistence/connection.hpp"
#include "persistence/pipeline.hpp"

#include <soci/soci.h>

#include <algorithm>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace souk::persistence {

struct column {
  std::string_view name;
  std::string_view type; ///< PostgreSQL's; SQLite takes the JSON value's own
};

/// A table expression named `x` with these columns, made of the JSON array of objects in the
/// parameter `:param`. In the order of the array.
inline std::string rows_of(backend kind, std::string_view param,
                           std::initializer_list<column> columns) {
  std::string out;
  if (kind == backend::postgresql) {
    out.append("json_to_recordset(cast(:").append(param).append(" as json)) as x(");
    for (auto& c : columns)
      out.append(&c == columns.begin() ? "" : ", ").append(c.name).append(" ").append(c.type);
    return out += ")";
  }
  out = "(select ";
  for (auto& c : columns) {
    out.append(&c == columns.begin() ? "" : ", ").append("json_extract(value, '$.");
    out.append(c.name).append("') as ").append(c.name);
  }
  return out.append(" from json_each(:").append(param).append(")) as x");
}

/// A table expression `x (p, a)` of amounts by product in the parameter `:rows`; see
/// `amounts_text`. PostgreSQL reads two arrays faster than JSON: it changes 256 counts in 2.4 ms
/// instead of 2.9 (2026-11-22, 2 shared cores).
inline std::string amounts_of(backend kind) {
  if (kind == backend::sqlite)
    return rows_of(kind, "rows", {{"p", "bigint"}, {"a", "bigint"}});
  return "unnest(cast(split_part(:rows, ' ', 1) as bigint[]), "
         "cast(split_part(:rows, ' ', 2) as bigint[])) as x (p, a)";
}

/// A table expression `x (d, s, e)` of owners in the parameter `:rows`; see `owners_text`.
inline std::string owners_of(backend kind) {
  if (kind == backend::sqlite)
    return rows_of(kind, "rows", {{"d", "smallint"}, {"s", "integer"}, {"e", "bigint"}});
  return "unnest(cast(split_part(:rows, ' ', 1) as smallint[]), "
         "cast(split_part(:rows, ' ', 2) as integer[]), "
         "cast(split_part(:rows, ' ', 3) as bigint[])) as x (d, s, e)";
}

/// `columns` of what `rest` names and restricts.
inline std::string select(std::string_view columns, std::string_view rest) {
  return std::string{"select "}.append(columns).append(" from ").append(rest);
}

/// A comparison with the ids in the parameter `:ids`; see `ids_text`. An array, not a set of JSON
/// rows: PostgreSQL would guess their number and scan the table.
inline std::string any_of_ids(backend kind) {
  return kind == backend::postgresql ? "= any(cast(:ids as bigint[]))"
                                     : "in (select value from json_each(:ids))";
}

/// Ids as such a parameter.
inline std::string ids_text(backend kind, std::span<const int64_t> ids) {
  std::string out = kind == backend::postgresql ? "{" : "[";
  for (auto id : ids)
    out.append(out.size() > 1 ? "," : "").append(std::to_string(id));
  return out += kind == backend::postgresql ? '}' : ']';
}

/// The parameter `:id` as the database compares a user's id.
inline std::string uuid_param(backend kind) {
  return kind == backend::postgresql ? "cast(:id as uuid)" : ":id";
}

/// When PostgreSQL plans a statement.
enum class planned : uint8_t {
  once,     ///< for any values, after a few runs: statements whose plan does not depend on them
  each_run, ///< for the values at hand, which takes it some 0.3 ms
};

/// A prepared statement with text parameters and columns `Cols` (long long or std::string). It must
/// be gone before its session is. Used by the session's thread. Throws what SOCI throws.
template <class... Cols>
class query {
public:
  query(soci::session& s, const std::string& text, std::initializer_list<std::string_view> params)
    : query{s, text, std::span{params.begin(), params.size()}} {}

  query(soci::session& s, const std::string& text, std::span<const std::string_view> params,
        planned when = planned::once)
    : statement_{s}, text_{text}, names_(params.begin(), params.end()), values_(params.size()) {
    statement_.alloc();
    if constexpr (sizeof...(Cols) > 0) {
      resize(chunk);
      std::apply([this](auto&... v) { (statement_.exchange(soci::into(v)), ...); }, columns_);
    }
    size_t i = 0;
    for (auto p : params) {
      soci::details::use_type_ptr use{
        new soci::details::use_type<std::string>{values_[i++], std::string{p}}};
      uses_.push_back(use.get());
      statement_.exchange(use);
    }
    statement_.prepare(text, when == planned::once ? soci::details::st_repeatable_query
                                                   : soci::details::st_one_time_query);
    statement_.define_and_bind();
  }

  /// The i-th parameter's text, to be filled before `run`; it keeps its value and its memory.
  std::string& param(size_t i) { return values_[i]; }

  /// Runs it; calls `each(cols...)` for every row. Returns the number of rows or, without columns,
  /// of affected rows.
  template <class Each>
  size_t run(Each&& each) {
    try {
      return execute(each);
    } catch (...) {
      // SOCI 4.0.3 forgets its copies of the parameters when a statement fails.
      for (auto* use : uses_)
        use->post_use(false);
      throw;
    }
  }

  size_t run() {
    return run([](const Cols&...) {});
  }

  /// PostgreSQL: runs it with others, with the parameters as they are; they must stay until then.
  void add_to(pipeline& p) { p.add(statement_, text_, names_, values_); }

  /// Calls `each(cols...)` for every row that came back, and returns their number. Throws
  /// std::runtime_error at a null, for which there is no value.
  template <class Each>
  static size_t read(const pipeline_rows& rows, Each&& each) {
    static_assert(sizeof...(Cols) > 0, "nothing comes back");
    std::tuple<Cols...> row;
    for (size_t r = 0; r < rows.size(); ++r) {
      int column = 0;
      std::apply([&](auto&... v) { (rows.get(r, column++, v), ...); }, row);
      std::apply(each, row);
    }
    return rows.size();
  }

private:
  static constexpr size_t chunk = sizeof...(Cols) > 0 ? 512 : 0;

  template <class Each>
  size_t execute(Each&& each) {
    if constexpr (sizeof...(Cols) == 0) {
      statement_.execute(true);
      return static_cast<size_t>(std::max(0LL, statement_.get_affected_rows()));
    } else {
      size_t n = 0;
      resize(chunk);
      statement_.execute();
      while (statement_.fetch()) {
        auto got = std::get<0>(columns_).size();
        for (size_t r = 0; r < got; ++r)
          std::apply([&](auto&... v) { each(v[r]...); }, columns_);
        n += got;
        resize(chunk);
      }
      return n;
    }
  }

  void resize(size_t n) {
    std::apply([n](auto&... v) { (v.resize(n), ...); }, columns_);
  }

  soci::statement statement_;
  std::string text_;
  std::vector<std::string> names_; ///< of the parameters
  std::vector<std::string> values_;
  std::vector<soci::details::use_type_base*> uses_; ///< the statement's own
  std::tuple<std::vector<Cols>...> columns_;
};

} // namespace souk::persistence
