#include "persistence/product_list.hpp"

#include "actors/domain/words.hpp"

#include <algorithm>
#include <utility>

namespace souk::persistence {

using namespace actors;

namespace {

/// PostgreSQL: 'oak' & 'desk'. SQLite: "oak" AND "desk". Words are ASCII letters and digits.
std::string all_words(backend k, const std::vector<std::string>& words) {
  auto quote = k == backend::postgresql ? '\'' : '"';
  std::string out;
  for (auto& w : words) {
    if (!out.empty())
      out += k == backend::postgresql ? " & " : " AND ";
    (out += quote).append(w) += quote;
  }
  return out;
}

std::string match_of(list_part part, const std::string& words) {
  auto in_name = "{name} : (" + words + ")";
  switch (part) {
  case list_part::all: return words;
  case list_part::in_name: return in_name;
  case list_part::rest: return "(" + words + ") NOT (" + in_name + ")";
  }
  return words;
}

std::string_view column_of(product_sort sort) {
  switch (sort) {
  case product_sort::name: return "p.sort_key";
  case product_sort::price: return "p.price";
  case product_sort::created_at: return "p.created_at";
  case product_sort::id:
  case product_sort::relevance: break;
  }
  return {};
}

constexpr std::string_view all_below =
  "with recursive below (id) as (select cast(:category as bigint) union select c.id from category "
  "c join below on c.parent_id = below.id) select cast(id as bigint) from below";

/// An array, not a sub-select: PostgreSQL then knows how many products are in them.
std::string any_category(backend k) {
  return k == backend::postgresql
           ? " and p.category_id = any(cast(:category as bigint[]))"
           : " and p.category_id in (select value from json_each(:category))";
}

std::string list_of(backend k, const std::vector<int64_t>& ids) {
  std::string out;
  for (auto id : ids)
    out.append(out.empty() ? "" : ",").append(std::to_string(id));
  return k == backend::postgresql ? "{" + out + "}" : "[" + out + "]";
}

class builder {
public:
  builder(const list_products& ask, backend kind, list_part part) : ask_{ask}, kind_{kind} {
    virtual_ = kind == backend::sqlite && part != list_part::all;
    id_ = virtual_ ? "w.rowid" : "p.id";
  }

  void filter(const std::vector<int64_t>& categories) {
    where_ = "where p.deleted = 0";
    if (categories.size() == 1)
      add(" and p.category_id = cast(:category as bigint)", "category",
          std::to_string(categories[0]));
    else if (categories.size() > 1)
      add(any_category(kind_), "category", list_of(kind_, categories));
    if (ask_.min_price)
      add(" and p.price >= cast(:min as bigint)", "min", std::to_string(*ask_.min_price));
    if (ask_.max_price)
      add(" and p.price <= cast(:max as bigint)", "max", std::to_string(*ask_.max_price));
    if (ask_.in_stock)
      where_ += *ask_.in_stock ? " and s.quantity > 0" : " and s.quantity = 0";
    if (!ask_.external_id.empty())
      add(" and p.external_id = :external", "external", ask_.external_id);
  }

  void search(list_part part, const std::string& words) {
    if (kind_ == backend::sqlite) {
      add(virtual_ ? " and w.product_words match :words"
                   : " and p.id in (select rowid from product_words "
                     "where product_words match :words)",
          "words", match_of(part, words));
      return;
    }
    // The words of the name are among those of the whole, so one index is enough for either.
    add(part == list_part::in_name ? " and p.search_name @@ cast(:words as tsquery)"
                                   : " and p.search @@ cast(:words as tsquery)",
        "words", words);
    if (part == list_part::rest)
      where_ += " and not p.search_name @@ cast(:words as tsquery)";
  }

  /// Continues after the last product of the page before.
  void after() {
    if (ask_.after_id == 0)
      return;
    std::string compare = ask_.descending ? " < " : " > ";
    auto column = column_of(ask_.sort);
    std::string place = "cast(:after as bigint)";
    if (column.empty()) {
      add(" and " + id_ + compare + place, "after", std::to_string(ask_.after_id));
      return;
    }
    auto key = ask_.sort == product_sort::name ? "cast(:key as text)" : "cast(:key as bigint)";
    add(" and (" + std::string{column} + ", p.id)" + compare + "(" + key + ", " + place + ")",
        "key", ask_.after_key);
    bind("after", std::to_string(ask_.after_id));
  }

  list_query take(int64_t limit) {
    auto column = std::string{column_of(ask_.sort)};
    auto direction = ask_.descending ? " desc" : "";
    auto order = " order by " + (column.empty() ? id_ : column + direction + ", p.id") + direction;
    bind("n", std::to_string(limit));
    auto rest = where_ + order + " limit cast(:n as bigint)";
    // The page is cut before its counts are read: PostgreSQL would weigh reading all of them.
    if (kind_ == backend::postgresql && !ask_.in_stock)
      out_.text = select_products(order, "(select * from product p " + rest + ") as p");
    else
      out_.text = select_products(
        rest, virtual_ ? "product_words w join product p on p.id = w.rowid" : "product p");
    return std::move(out_);
  }

private:
  void bind(std::string_view name, std::string value) {
    out_.names.push_back(name);
    out_.values.push_back(std::move(value));
  }
  void add(std::string_view condition, std::string_view name, std::string value) {
    where_ += condition;
    bind(name, std::move(value));
  }

  const list_products& ask_;
  backend kind_;
  bool virtual_ = false; ///< begins with SQLite's table of words, which is in order of ids
  std::string id_;
  std::string where_;
  list_query out_;
};

std::string key_of(const product_view& x, product_sort sort) {
  switch (sort) {
  case product_sort::name: return domain::sort_key(x.product.name);
  case product_sort::price: return std::to_string(x.product.price);
  case product_sort::created_at: return std::to_string(x.product.created_at);
  case product_sort::id:
  case product_sort::relevance: break;
  }
  return {};
}

} // namespace

std::string select_products(std::string_view rest, std::string_view from) {
  return std::string{"select "}
    .append(product_columns)
    .append(", s.quantity, s.version, s.updated_at from ")
    .append(from)
    .append(" join stock s on s.product_id = p.id ")
    .append(rest);
}

list_query make_list_query(const list_products& ask, backend kind, list_part part,
                           const std::vector<std::string>& words,
                           const std::vector<int64_t>& categories, int64_t limit) {
  builder b{ask, kind, part};
  b.filter(categories);
  if (!words.empty())
    b.search(part, all_words(kind, words));
  b.after();
  return b.take(limit);
}

product_list::product_list(soci::session& s, backend kind)
  : session_{s}, kind_{kind}, below_{s, std::string{all_below}, {"category"}} {}

std::vector<int64_t> product_list::categories_of(int64_t id) {
  std::vector<int64_t> out;
  if (id == 0)
    return out;
  below_.param(0) = std::to_string(id);
  below_.run([&](long long x) { out.push_back(x); });
  return out;
}

product_level_query& product_list::prepared(const list_query& q) {
  auto found = kept_.find(q.text);
  if (found == kept_.end()) {
    if (kept_.size() >= max_kept)
      kept_.erase(std::min_element(kept_.begin(), kept_.end(),
                                   [](auto& a, auto& b) { return a.second.used < b.second.used; }));
    // Rare words and common ones, a narrow range of prices and a wide one want different plans.
    auto made = std::make_unique<product_level_query>(
      session_, q.text, std::span<const std::string_view>{q.names}, planned::each_run);
    found = kept_.emplace(q.text, kept{std::move(made), 0}).first;
  }
  found->second.used = ++uses_;
  for (size_t i = 0; i < q.values.size(); ++i)
    found->second.statement->param(i) = q.values[i];
  return *found->second.statement;
}

void product_list::read(const list_products& ask, list_part part,
                        const std::vector<std::string>& words, int64_t limit,
                        std::vector<product_view>& to) {
  auto q = make_list_query(ask, kind_, part, words, categories_of(ask.category_id), limit);
  prepared(q).run([&](const auto&... columns) { to.push_back(to_product_view(columns...)); });
}

product_page product_list::page(const list_products& asked) {
  product_page page;
  auto ask = asked;
  std::vector<std::string> words;
  if (!ask.search.empty()) {
    words = domain::searched_words(ask.search);
    if (words.empty())
      return page; // nothing has such a word
  }
  if (ask.sort == product_sort::relevance && words.empty())
    ask.sort = product_sort::id;
  auto wanted = static_cast<size_t>(ask.limit) + 1;
  auto missing = [&] { return static_cast<int64_t>(wanted - page.items.size()); };
  size_t in_name = 0;
  if (ask.sort != product_sort::relevance) {
    read(ask, list_part::all, words, missing(), page.items);
  } else {
    ask.descending = false;
    if (ask.after_key != "1") {
      read(ask, list_part::in_name, words, missing(), page.items);
      ask.after_id = 0;
    }
    in_name = page.items.size();
    if (missing() > 0)
      read(ask, list_part::rest, words, missing(), page.items);
  }
  page.more = page.items.size() == wanted;
  if (page.more)
    page.items.pop_back();
  if (!page.items.empty())
    page.last_key = ask.sort == product_sort::relevance ? (page.items.size() > in_name ? "1" : "0")
                                                        : key_of(page.items.back(), ask.sort);
  return page;
}

} // namespace souk::persistence
