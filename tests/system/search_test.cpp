// Drives the full text search of the catalog over HTTP against running servers: what is found in
// which writing, and that both databases find the same.
#include "tests/system/support/databases.hpp"

#include <algorithm>
#include <map>
#include <set>

using namespace souk::tests;

namespace {

const std::string products = "/api/v1/products";

using texts = std::vector<std::pair<std::string, std::string>>; ///< name, detail

const texts catalog{
  {"oak desk", "A desk of solid oak."},
  {"Oak chair", "It stands on four legs."},
  {"steel desk", "Cold and grey."},
  {"Café crème machine", "Makes coffee."},
  {"Éclair mould", "For twelve pieces."},
  {"木製の学习机", "天然木"},
  {"学生椅", "A chair for pupils."},
  {"Лампа настольная", "Светит ярко."},
  {"Stehlampe für Söhne", "Sie leuchtet."},
  {"apple tree", "Bears fruit, over 40 kg a year."},
  {"Banana stand", "Holds fruit; model BX-40/2."},
  {"zebra lamp", "Striped. Not a \"real\" one."},
};

void fill(shop& s) {
  for (const auto& [name, detail] : catalog)
    s.create(products, {{"name", name}, {"price", "5.00"}, {"detail", detail}});
}

answer search(const shop& s, const std::string& words, const std::string& more = "") {
  return s.guest().get(products + "?limit=500&q=" + percent_encoded(words) + more);
}

std::set<std::string> names_found(const shop& s, const std::string& words) {
  const auto got = search(s, words);
  INFO(got.body);
  CHECK(got.status == 200);
  std::set<std::string> result;
  for (const auto& product : json::parse(got.body))
    result.insert(product.at("name").get<std::string>());
  return result;
}

using names = std::set<std::string>;

} // namespace

TEST_CASE("words are found in any case, with or without accents", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  fill(s);
  const std::vector<std::pair<std::string, names>> expected{
    {"oak", {"oak desk", "Oak chair"}},
    {"OAK", {"oak desk", "Oak chair"}},
    {"oak desk", {"oak desk"}},
    {"desk oak", {"oak desk"}},
    {"  desk  ", {"oak desk", "steel desk"}},
    {"cafe", {"Café crème machine"}},
    {"CAFÉ CREME", {"Café crème machine"}},
    {"eclair", {"Éclair mould"}},
    {"sohne", {"Stehlampe für Söhne"}},
    {"SÖHNE", {"Stehlampe für Söhne"}},
    {"学习机", {"木製の学习机"}},
    {"学习", {"木製の学习机"}},
    {"лампа", {"Лампа настольная"}},
    {"ЛАМПА", {"Лампа настольная"}},
    {"ярко настольная", {"Лампа настольная"}},
    {"legs", {"Oak chair"}}, // in the detail
    {"fruit", {"apple tree", "Banana stand"}},
    {"chair", {"Oak chair", "学生椅"}},
    {"machine coffee", {"Café crème machine"}}, // one in the name, one in the detail
    {"oak steel", {}},
    {"submarine", {}},
  };
  for (const auto& [words, found] : expected) {
    INFO(words);
    CHECK(names_found(s, words) == found);
  }
}

TEST_CASE("a search finds what the catalog says now", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  fill(s);
  auto admin = s.admin();
  const auto desk = search(s, "steel").as_json().at(0);
  const auto path = product_path(desk.at("id"));
  REQUIRE(admin.patch(path, {{"name", "iron desk"}}).status == 200);
  CHECK(names_found(s, "steel").empty());
  CHECK(names_found(s, "iron") == names{"iron desk"});
  REQUIRE(admin.patch(path, {{"detail", "Rusty."}}).status == 200);
  CHECK(names_found(s, "grey").empty());
  CHECK(names_found(s, "rusty iron") == names{"iron desk"});
  REQUIRE(admin.put(path, {{"name", "iron desk"}, {"price", 5}}).status == 200);
  CHECK(names_found(s, "rusty").empty());
  REQUIRE(admin.remove(path).status == 204);
  CHECK(names_found(s, "iron").empty());
  s.server.kill();
  s.server.start();
  CHECK(names_found(s, "iron").empty());
  CHECK(names_found(s, "desk") == names{"oak desk"});
}

TEST_CASE("what a name says comes before what a detail says", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  s.create(products, {{"name", "stand"}, {"price", 5}, {"detail", "Holds one lamp."}});
  s.create(products, {{"name", "lamp"}, {"price", 5}, {"detail", "Comes with a stand."}});
  auto guest = s.guest();
  for (const std::string sort : {"", "&sort=relevance"})
    for (const std::string pages : {"", "&limit=1"}) {
      INFO(sort << pages);
      const auto found = [&](const std::string& word) {
        return each(all_pages(guest, products + "?q=" + word + sort + pages), "name");
      };
      // One order is the other reversed: none that ignores the word can pass.
      CHECK(found("lamp") == std::vector<json>{"lamp", "stand"});
      CHECK(found("stand") == std::vector<json>{"stand", "lamp"});
    }
}

TEST_CASE("what is syntax to a database is text in a search", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  fill(s);
  for (const std::string words : {"\"",
                                  "'",
                                  "oak\"",
                                  "oak'",
                                  "(oak",
                                  "oak)",
                                  "oak*",
                                  "oak:*",
                                  "oak & desk",
                                  "oak | steel",
                                  "!oak",
                                  "-oak",
                                  "AND",
                                  "NOT oak",
                                  "NEAR(oak desk)",
                                  "name:oak",
                                  "oak%",
                                  "o_k",
                                  "\\",
                                  "^oak",
                                  "{oak}",
                                  "<->",
                                  "oak;drop table product",
                                  "*",
                                  "🪑",
                                  "%",
                                  "🪑 oak"}) {
    INFO(words);
    CHECK(search(s, words).status == 200);
  }
  // None of them means anything but its words.
  CHECK(names_found(s, "oak | steel").empty());
  CHECK(names_found(s, "oak AND steel").empty());
  CHECK(names_found(s, "_ak").empty());
  CHECK(names_found(s, "oak").size() == 2);
}

TEST_CASE("both databases find and order alike", "[system]") {
  shop embedded{engine::sqlite};
  shop other{engine::postgresql};
  fill(embedded);
  fill(other);
  const auto listed = [](const shop& s, const std::string& query) {
    const auto got = s.guest().get(products + "?limit=500" + query);
    return std::pair{got.status,
                     got.status == 200 ? each(got.as_json(), "name") : std::vector<json>{}};
  };
  // Names are unique, so this order leaves nothing open.
  for (const std::string sort : {"name", "-name"}) {
    INFO(sort);
    const auto here = listed(embedded, "&sort=" + sort);
    CHECK(here.second.size() == catalog.size());
    CHECK(here == listed(other, "&sort=" + sort));
  }
  for (const std::string words :
       {"oak",        "oak desk",  "desk",         "cafe",     "CREME",    "学习机",    "学习",
        "学",         "习机",      "机学",         "木製",     "の",       "椅",        "лампа",
        "НАСТОЛЬНАЯ", "fur",       "für",          "sohne",    "40",       "40 kg",     "BX-40",
        "bx-40/2",    "BX 40",     "fruit",        "fru",      "chair",    "a",         "of",
        "the",        "it",        "not",          "real",     "\"real\"", "four",      "leg",
        "legs",       "desks",     "makes coffee", "oak-desk", "oak.desk", "Лампа oak", "é",
        "e",          "STEHLAMPE", "lampe",        "lamp"}) {
    INFO(words);
    const auto query = "&sort=name&q=" + percent_encoded(words);
    CHECK(listed(embedded, query) == listed(other, query));
  }
}
