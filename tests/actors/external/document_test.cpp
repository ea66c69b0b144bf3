// Drives the reading of a catalog's answers by plain calls,
// against documents as such catalogs write them.
#include "actors/external/document.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace souk::external;
using souk::domain::money_error;

namespace {

document read(const std::string& body) {
  return read_document(body, 2);
}

int64_t rounded(std::string_view text, int digits = 2) {
  CAPTURE(text);
  auto m = round_money(text, digits);
  CHECK(m.error == money_error::none);
  return m.minor;
}

money_error refused(std::string_view text, int digits = 2) {
  return round_money(text, digits).error;
}

} // namespace

TEST_CASE("a product may stand alone or under product") {
  const std::string bare = R"({"id": 7, "title": "Lamp", "image": "https://img.example/7.png",
    "price": 19.99, "description": "Shines.", "brand": "x", "category": "light",
    "rating": {"id": 9, "title": "no", "price": 1, "list": [1, {"id": 8}]}, "tags": [[1], {}]})";
  for (const auto& body : {bare, R"({"status": "SUCCESS", "id": 1, "product": )" + bare + "}",
                           R"({"product": )" + bare + R"(, "title": "page", "price": 5})"}) {
    CAPTURE(body);
    auto d = read(body);
    REQUIRE(d.kind == document_kind::product);
    CHECK(d.product.external_id == "7");
    CHECK(d.product.name == "Lamp");
    CHECK(d.product.price == 1999);
    CHECK(d.product.detail == "Shines.");
    CHECK(d.product.image_url == "https://img.example/7.png");
    CHECK(d.product.category == "light");
  }
}

TEST_CASE("ids, prices and names come in several forms") {
  auto d = read(R"({"id": "ab-1", "name": "Lamp", "price": "5.5", "detail": "d",
                    "images": ["http://a/1", "http://a/2"]})");
  REQUIRE(d.kind == document_kind::product);
  CHECK(d.product.external_id == "ab-1");
  CHECK(d.product.price == 550);
  CHECK(d.product.detail == "d");
  CHECK(d.product.image_url == "http://a/1");
  CHECK(d.product.category.empty());
  CHECK(read(R"({"id": 1, "title": "a", "name": "b", "price": 1})").product.name == "a");
  CHECK(read(R"({"id": 1, "title": null, "name": "b", "price": 1})").product.name == "b");
  CHECK(read(R"({"id": 1, "title": "a", "price": 0})").kind == document_kind::product);
  CHECK(read(R"({"id": 18446744073709551615, "title": "a", "price": 1})").product.external_id
        == "18446744073709551615");
}

TEST_CASE("a price is exact where a double is not") {
  auto price = [](const std::string& text) {
    return read(R"({"id": 1, "title": "a", "price": )" + text + "}").product.price;
  };
  CHECK(price("90071992547409.91") == 9'007'199'254'740'991);
  CHECK(price("1.005") == 101); // 1.00499999999999989... as a double
  CHECK(price("1.00499999999999999999999999") == 100);
  CHECK(price("1999e-2") == 1999);
}

TEST_CASE("more digits than the currency has are rounded half up") {
  CHECK(rounded("19.99") == 1999);
  CHECK(rounded("19.994") == 1999);
  CHECK(rounded("19.995") == 2000);
  CHECK(rounded("19.9949999") == 1999);
  CHECK(rounded("0.005") == 1);
  CHECK(rounded("0.004999") == 0);
  CHECK(rounded("0.0009") == 0);
  CHECK(rounded("99.999") == 10'000);
  CHECK(rounded("5e-3") == 1);
  CHECK(rounded("49E-4") == 0);
  CHECK(rounded("1.2345e+2") == 12'345);
  CHECK(rounded("1.23455e2") == 12'346);
  CHECK(rounded("1e-999999999999999999999999") == 0);
  CHECK(rounded("1e-9223372036854775808") == 0);
  CHECK(rounded("0.5", 0) == 1);
  CHECK(rounded("0.49", 0) == 0);
  CHECK(rounded("1.2345", 3) == 1235);
  CHECK(rounded("90071992547409.914") == 9'007'199'254'740'991);
  CHECK(refused("90071992547409.915") == money_error::out_of_range);
  CHECK(refused("999999999999999999999.999") == money_error::out_of_range);
  CHECK(refused("1e99") == money_error::out_of_range);
  for (auto text : {"", "-1", "-0.001", "+1", "1,5", "$5", " 5", "1.", ".5", "nan", "0x10", "1e"})
    CHECK(refused(text) == money_error::not_a_number);
}

TEST_CASE("what is no product that can be sold is told from what is no JSON") {
  for (auto body : {"", "<html>", "{", "{}{}", R"({"id": 1,})", "nul", "\"\xff\"",
                    R"({"id": 1, "title": "a", "price": 1e999})"}) {
    CAPTURE(body);
    CHECK(read(body).kind == document_kind::not_json);
  }
  for (auto body : {"null", R"({"product": null})", R"({"status": "OK", "product": null})"}) {
    CAPTURE(body);
    CHECK(read(body).kind == document_kind::absent);
  }
  for (auto body : {"{}",
                    "[]",
                    "7",
                    "\"text\"",
                    R"([{"id": 1, "title": "a", "price": 1}])",
                    R"({"status": "ERROR", "message": "no"})",
                    R"({"id": 1, "price": 1})",
                    R"({"id": 1, "title": "a"})",
                    R"({"id": 1, "title": "", "price": 1})",
                    R"({"id": 1.5, "title": "a", "price": 1})",
                    R"({"id": "", "title": "a", "price": 1})",
                    R"({"id": true, "title": "a", "price": 1})",
                    R"({"id": {"text": "1"}, "title": "a", "price": 1})",
                    R"({"id": 1, "title": 5, "price": 1})",
                    R"({"id": 1, "title": "a", "price": -1})",
                    R"({"id": 1, "title": "a", "price": "free"})",
                    R"({"id": 1, "title": "a", "price": null})",
                    R"({"id": 1, "title": "a", "price": {}})",
                    R"({"id": "a\u0000b", "title": "a", "price": 1})",
                    R"({"product": [{"id": 1, "title": "a", "price": 1}]})",
                    R"({"id": 1, "title": "a", "price": 1, "product": {}})"}) {
    CAPTURE(body);
    CHECK(read(body).kind == document_kind::unusable);
  }
}

TEST_CASE("an id may be missing, and is compared as a text or as a number") {
  for (auto body : {R"({"title": "a", "price": 1})", R"({"id": null, "title": "a", "price": 1})"}) {
    CAPTURE(body);
    auto d = read(body);
    CHECK(d.kind == document_kind::product);
    CHECK(d.product.external_id.empty());
  }
  CHECK(same_id("7", "7"));
  CHECK(same_id("7", "007"));
  CHECK(same_id("0", "00"));
  CHECK(same_id("ab-1", "ab-1"));
  CHECK_FALSE(same_id("7", "8"));
  CHECK_FALSE(same_id("70", "7"));
  CHECK_FALSE(same_id("a1", "A1"));
  CHECK_FALSE(same_id("-7", "7"));
  CHECK_FALSE(same_id("0", ""));
}

TEST_CASE("texts are cut to this shop's limits between characters") {
  auto many = [](const std::string& one, int n) {
    std::string all;
    for (; n > 0; --n)
      all += one;
    return all;
  };
  auto d = read(R"({"id": 1, "price": 1, "title": "\u0000)" + many("é", 300)
                + R"(", "description": ")" + many("€", 10'001) + R"("})");
  REQUIRE(d.kind == document_kind::product);
  CHECK(d.product.name == many("é", 200));
  CHECK(d.product.detail == many("€", 10'000));
}

TEST_CASE("an image that is no web address is left out") {
  for (auto image :
       {"javascript:alert(1)", "ftp://a/b", "/7.png", "https://a/ b", "http://a/\\u0000"}) {
    CAPTURE(image);
    auto d =
      read(R"({"id": 1, "price": 1, "title": "a", "image": ")" + std::string{image} + R"("})");
    CHECK(d.kind == document_kind::product);
    CHECK(d.product.image_url.empty());
  }
}

TEST_CASE("a document nested as deep as it can be is read without running out of stack") {
  const std::string deep(250'000, '[');
  CHECK(read(deep).kind == document_kind::not_json);
  CHECK(read(R"({"a": )" + deep + std::string(250'000, ']') + "}").kind == document_kind::unusable);
}

TEST_CASE("ids that cannot be asked for are known") {
  CHECK(usable_id("1"));
  CHECK(usable_id("a/b?c#d %"));
  CHECK(usable_id("..."));
  CHECK(usable_id(std::string(200, 'x')));
  CHECK_FALSE(usable_id(std::string(201, 'x')));
  CHECK_FALSE(usable_id(""));
  CHECK_FALSE(usable_id("."));
  CHECK_FALSE(usable_id(".."));
  CHECK_FALSE(usable_id("a\n"));
  CHECK_FALSE(usable_id(std::string{"a\0b", 3}));
}
