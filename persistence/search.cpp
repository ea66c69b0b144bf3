#include "persistence/search.hpp"

#include "actors/domain/words.hpp"
#include "actors/log.hpp"
#include "persistence/row_text.hpp"
#include "persistence/sql.hpp"

#include <algorithm>
#include <vector>

namespace souk::persistence {

namespace {

/// Products that are filled in together: with the longest texts, too, within the time-outs of a
/// statement and of an idle transaction.
constexpr int batch = 250;

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (auto& w : words)
    out.append(out.empty() ? "" : " ").append(w);
  return out;
}

std::string fill_text(backend k) {
  auto rows =
    rows_of(k, "rows", {{"id", "bigint"}, {"sk", "text"}, {"sn", "text"}, {"sd", "text"}});
  return "update product set sort_key = x.sk"
         + (k == backend::postgresql ? ", search_name = " + words_column("x.sn")
                                         + ", search = " + words_column("x.sn || ' ' || x.sd")
                                     : "")
         + " from " + rows + " where product.id = x.id";
}

} // namespace

product_words words_of(std::string_view name, std::string_view detail) {
  auto in_name = domain::stored_words(name);
  auto others = domain::stored_words(detail);
  std::erase_if(others,
                [&](auto& w) { return std::binary_search(in_name.begin(), in_name.end(), w); });
  auto left = domain::max_stored_words - std::min(domain::max_stored_words, in_name.size());
  others.resize(std::min(others.size(), left));
  return {joined(in_name), joined(others)};
}

std::string words_column(const std::string& words) {
  return "array_to_tsvector(string_to_array(trim(" + words + "), ' '))";
}

std::string write_words_text() {
  return "insert or replace into product_words (rowid, name, detail) select id, sn, sd from "
         + rows_of(backend::sqlite, "rows", {{"id", "bigint"}, {"sn", "text"}, {"sd", "text"}});
}

void fill_search(connection& c) {
  auto kind = c.kind();
  query<long long, std::string, std::string> find{
    c.sql(),
    "select cast(id as bigint), name, detail from product where sort_key is null "
    "order by id limit "
      + std::to_string(batch),
    {}};
  query<> fill{c.sql(), fill_text(kind), {"rows"}};
  std::unique_ptr<query<>> words;
  if (kind == backend::sqlite)
    words = std::make_unique<query<>>(c.sql(), write_words_text(),
                                      std::initializer_list<std::string_view>{"rows"});
  size_t filled = 0;
  for (size_t found = 1; found > 0; filled += found) {
    connection::guard g{c};
    c.begin();
    try {
      auto& rows = fill.param(0);
      rows.clear();
      found = find.run([&](long long id, const std::string& name, const std::string& detail) {
        append_search(rows, id, name, detail);
      });
      end_rows(rows);
      fill.run();
      if (words) {
        words->param(0) = rows;
        words->run();
      }
      c.commit();
    } catch (...) {
      c.rollback();
      throw;
    }
  }
  if (filled > 0)
    spdlog::info("the words of {} products were filled in for the search", filled);
}

} // namespace souk::persistence
