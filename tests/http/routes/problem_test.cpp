// Drives the table from error codes to answers, and the problems built from it.
// Against errors of ours and of CAF; no server, no actors.
#include "actors/messages/type_ids.hpp"
#include "http/routes/problem.hpp"

#include <caf/sec.hpp>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace souk;
using namespace souk::http;
using actors::ec;
using nlohmann::json;

namespace {

std::string header(const response& r, std::string_view name) {
  for (const auto& [key, value] : r.headers)
    if (key == name)
      return value;
  return "";
}

struct expectation {
  ec code;
  unsigned status;
  const char* name;
};

} // namespace

TEST_CASE("every code has its status", "[problem]") {
  const expectation table[] = {
    {ec::not_found, 404, "not_found"},
    {ec::product_not_found, 422, "product_not_found"},
    {ec::category_not_found, 422, "category_not_found"},
    {ec::out_of_stock, 409, "out_of_stock"},
    {ec::invalid_transition, 409, "invalid_transition"},
    {ec::stale_version, 412, "stale_version"},
    {ec::username_taken, 409, "username_taken"},
    {ec::email_taken, 409, "email_taken"},
    {ec::external_id_taken, 409, "external_id_taken"},
    {ec::idempotency_key_reused, 422, "idempotency_key_reused"},
    {ec::wrong_credentials, 401, "wrong_credentials"},
    {ec::account_disabled, 403, "account_disabled"},
    {ec::forbidden, 403, "forbidden"},
    {ec::order_limit_reached, 429, "order_limit_reached"},
    {ec::amount_too_large, 422, "amount_too_large"},
    {ec::invalid_value, 422, "invalid_value"},
    {ec::overloaded, 503, "overloaded"},
    {ec::restarting, 503, "overloaded"},
    {ec::write_failed, 503, "overloaded"},
    {ec::write_expired, 503, "overloaded"},
    {ec::stale_incarnation, 503, "overloaded"},
    {ec::not_owner, 503, "overloaded"},
    {ec::database_unavailable, 503, "overloaded"},
    {ec::outcome_unknown, 503, "outcome_unknown"},
    {ec::internal, 500, "internal"},
  };
  for (const auto& x : table) {
    const auto answer = make_failed(caf::make_error(x.code), {"r1", true});
    const auto body = json::parse(answer.body);
    INFO(x.name);
    CHECK(answer.status == x.status);
    CHECK(answer.content_type == "application/problem+json");
    CHECK(body["status"] == x.status);
    CHECK(body["code"] == x.name);
    CHECK(body["instance"] == "r1");
    CHECK_FALSE(body["title"].get<std::string>().empty());
    CHECK_FALSE(body["detail"].get<std::string>().empty());
    CHECK((header(answer, "WWW-Authenticate") == "Bearer") == (x.status == 401));
    CHECK(header(answer, "Retry-After").empty() == (x.status != 503 && x.status != 429));
  }
}

TEST_CASE("silence of CAF is unknown for a change and nothing for a read", "[problem]") {
  for (const auto code : {caf::sec::request_timeout, caf::sec::request_receiver_down}) {
    const auto change = make_failed(caf::make_error(code), {"r1", true});
    CHECK(change.status == 503);
    CHECK(json::parse(change.body)["code"] == "outcome_unknown");
    CHECK(header(change, "Retry-After") == "1");
    const auto read = make_failed(caf::make_error(code), {"r1", false});
    CHECK(read.status == 503);
    CHECK(json::parse(read.body)["code"] == "overloaded");
  }
  CHECK(make_failed(caf::error{}, {"r1", true}).status == 500);
}

TEST_CASE("what is out of stock is listed by line", "[problem]") {
  const std::vector<actors::shortage> missing{{7, 5, 2}, {9, 1, 0}};
  const std::vector<int64_t> lines{9, 8, 7};
  const auto answer = make_failed(caf::make_error(ec::out_of_stock, missing), {"r1", true, &lines});
  const auto body = json::parse(answer.body);
  CHECK(body["errors"] == json::parse(R"([{"pointer":"/items/2/quantity","detail":"2 available"},
                           {"pointer":"/items/0/quantity","detail":"0 available"}])"));
  CHECK(body["shortages"] == json::parse(R"([{"product_id":7,"requested":5,"available":2},
                           {"product_id":9,"requested":1,"available":0}])"));
}

TEST_CASE("a count that cannot fall so far points at the delta", "[problem]") {
  const std::vector<actors::shortage> missing{{7, 5, 2}};
  const auto body =
    json::parse(make_failed(caf::make_error(ec::out_of_stock, missing), {"r1", true}).body);
  CHECK(body["errors"][0]["pointer"] == "/delta");
}

TEST_CASE("an unknown product is named by its line where it is known", "[problem]") {
  const std::vector<int64_t> lines{9, 7};
  const auto known =
    json::parse(make_failed(caf::make_error(ec::product_not_found, actors::unknown_products{{7}}),
                            {"r1", true, &lines})
                  .body);
  CHECK(known["errors"][0]["pointer"] == "/items/1/product_id");
  const auto unknown =
    json::parse(make_failed(caf::make_error(ec::product_not_found), {"r1", true, &lines}).body);
  CHECK_FALSE(unknown.contains("errors"));
}

TEST_CASE("a body's only product is named, with or without an id", "[problem]") {
  failed_request request{"r1", true};
  request.product_pointer = "/product_id";
  for (const auto& why : {caf::make_error(ec::product_not_found, actors::unknown_products{{7}}),
                          caf::make_error(ec::product_not_found)}) {
    const auto body = json::parse(make_failed(why, request).body);
    CHECK(body["errors"][0]["pointer"] == "/product_id");
  }
}

TEST_CASE("a value that a shard refused is named where the route knows it", "[problem]") {
  failed_request request{"r1", true};
  const auto why = caf::make_error(ec::invalid_value);
  CHECK_FALSE(json::parse(make_failed(why, request).body).contains("errors"));
  request.value_pointer = "/username";
  request.value_detail = "is not this one";
  const auto body = json::parse(make_failed(why, request).body);
  CHECK(body["errors"] == json::parse(R"([{"pointer":"/username","detail":"is not this one"}])"));
}

TEST_CASE("a limit says how long to wait", "[problem]") {
  const auto answer =
    make_failed(caf::make_error(ec::order_limit_reached, int64_t{42}), {"r1", true});
  CHECK(header(answer, "Retry-After") == "42");
  CHECK(header(answer, "RateLimit") == "\"orders\";r=0;t=42");
}

TEST_CASE("invalid values are listed, whatever they contain", "[problem]") {
  const auto answer = make_invalid({{"/a\"b", "must\nnot"}, {"", "x"}}, "r1");
  CHECK(answer.status == 422);
  CHECK(json::parse(answer.body)["errors"]
        == json::parse(R"([{"pointer":"/a\"b","detail":"must\nnot"},
                           {"pointer":"","detail":"x"}])"));
}
