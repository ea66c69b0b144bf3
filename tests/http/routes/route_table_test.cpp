// Drives the table of routes: matching, methods, and the OpenAPI document made from it.
// Against the real table and a small one; nothing is asked, so there are no actors.
#include "http/routes/json_reader.hpp"
#include "http/routes/openapi.hpp"
#include "http/routes/route_table.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <regex>
#include <set>

using namespace souk::http;
using nlohmann::json;

namespace {

std::string operation(std::string_view method, std::string_view path) {
  const auto m = all_routes().find(method, path);
  return m.kind == match_kind::found ? std::string{m.at->operation} : "";
}

void find_references(const json& j, std::set<std::string>& out) {
  if (j.is_object() && j.contains("$ref"))
    out.insert(j["$ref"].get<std::string>());
  if (j.is_structured())
    for (const auto& x : j)
      find_references(x, out);
}

} // namespace

TEST_CASE("every route is found", "[routes]") {
  CHECK(operation("POST", "/api/v1/auth/register") == "register");
  CHECK(operation("POST", "/api/v1/auth/login") == "login");
  CHECK(operation("POST", "/api/v1/auth/verify") == "verifyToken");
  CHECK(operation("GET", "/api/v1/users/me") == "getMe");
  CHECK(operation("GET", "/api/v1/products") == "listProducts");
  CHECK(operation("POST", "/api/v1/products") == "createProduct");
  CHECK(operation("GET", "/api/v1/products/7") == "getProduct");
  CHECK(operation("PUT", "/api/v1/products/7") == "replaceProduct");
  CHECK(operation("PATCH", "/api/v1/products/7") == "changeProduct");
  CHECK(operation("GET", "/api/v1/stock/7") == "getStock");
  CHECK(operation("PUT", "/api/v1/stock/7") == "setStock");
  CHECK(operation("POST", "/api/v1/stock/7/adjust") == "adjustStock");
  CHECK(operation("GET", "/api/v1/orders") == "listOrders");
  CHECK(operation("POST", "/api/v1/orders") == "placeOrder");
  CHECK(operation("GET", "/api/v1/orders/7") == "getOrder");
  CHECK(operation("PATCH", "/api/v1/orders/7") == "changeOrder");
  CHECK(operation("POST", "/api/v1/orders/7/cancel") == "cancelOrder");
  CHECK(operation("GET", "/") == "root");
  CHECK(operation("GET", "/healthz") == "health");
  CHECK(operation("GET", "/readyz") == "readiness");
  CHECK(operation("GET", "/openapi.json") == "openapi");
}

TEST_CASE("a slash at the end changes nothing, another one does", "[routes]") {
  CHECK(operation("GET", "/api/v1/orders/") == "listOrders");
  CHECK(operation("GET", "/api/v1/orders/7/") == "getOrder");
  CHECK(operation("GET", "/healthz/") == "health");
  CHECK(operation("GET", "/api/v1/orders//").empty());
  CHECK(operation("GET", "//").empty());
  CHECK(operation("GET", "/api//v1/orders").empty());
}

TEST_CASE("segments are percent-decoded, slashes within them are not paths", "[routes]") {
  CHECK(operation("GET", "/api/v1/%6frders") == "listOrders");
  CHECK(operation("GET", "/api/v1/orders/%37") == "getOrder");
  CHECK(operation("GET", "/api%2Fv1/orders").empty());
  CHECK(all_routes().find("GET", "/api/v1/%zz").kind == match_kind::bad_path);
  CHECK(all_routes().find("GET", "/api/v1/%4").kind == match_kind::bad_path);
  CHECK(all_routes().find("GET", "/api/v1/orders/7%00").kind == match_kind::no_path);
  CHECK(all_routes().find("GET", "").kind == match_kind::bad_path);
  CHECK(all_routes().find("GET", "*").kind == match_kind::bad_path);
}

TEST_CASE("an id is an integer from 1 to 2^53 - 1", "[routes]") {
  CHECK(all_routes().find("GET", "/api/v1/orders/9007199254740991").id == 9'007'199'254'740'991);
  for (const auto* bad :
       {"0", "-1", "+1", "9007199254740992", "99999999999999999999", "1.0", "x", "1x", "%20"})
    CHECK(all_routes().find("GET", std::string{"/api/v1/orders/"} + bad).kind
          == match_kind::no_path);
}

TEST_CASE("HEAD is GET, and Allow lists what a path has", "[routes]") {
  CHECK(operation("HEAD", "/api/v1/products/7") == "getProduct");
  CHECK(all_routes().find("HEAD", "/api/v1/auth/login").kind == match_kind::no_method);
  const auto wrong = all_routes().find("POST", "/api/v1/products/7");
  CHECK(wrong.kind == match_kind::no_method);
  CHECK(wrong.allow == "GET, HEAD, PUT, PATCH, DELETE, OPTIONS");
  const auto options = all_routes().find("OPTIONS", "/api/v1/auth/login/");
  CHECK(options.kind == match_kind::options);
  CHECK(options.allow == "POST, OPTIONS");
  CHECK(all_routes().find("OPTIONS", "*").kind == match_kind::options);
}

TEST_CASE("unknown paths and methods are told apart", "[routes]") {
  CHECK(all_routes().find("GET", "/api/v1/nothing").kind == match_kind::no_path);
  CHECK(all_routes().find("GET", "/api/v1").kind == match_kind::no_path);
  CHECK(all_routes().find("OPTIONS", "/api").kind == match_kind::no_path);
  CHECK(all_routes().find("get", "/healthz").kind == match_kind::unknown_method);
  CHECK(all_routes().find("FROB", "/nothing").kind == match_kind::unknown_method);
  CHECK(all_routes().find("TRACE", "/healthz").kind == match_kind::no_method);
}

TEST_CASE("a literal wins over an id", "[routes]") {
  const route_table table{
    {{.path = "/a/{id}", .operation = "id"}, {.path = "/a/1", .operation = "one"}}};
  CHECK(table.find("GET", "/a/1").at->operation == "one");
  CHECK(table.find("GET", "/a/2").at->operation == "id");
}

TEST_CASE("a path may have two ids, and a user's", "[routes]") {
  const route_table table{{{.path = "/u/me", .operation = "me"},
                           {.path = "/u/{user_id}", .operation = "user"},
                           {.path = "/u/{user_id}/a/{id}", .operation = "address"},
                           {.path = "/o/{id}/i/{item_id}", .operation = "item"}}};
  const std::string id = "0192f0c1-2345-7abc-8def-0123456789ab";
  CHECK(table.find("GET", "/u/me").at->operation == "me");
  CHECK(table.find("GET", "/u/7").kind == match_kind::no_path);
  CHECK(table.find("GET", "/u/" + id.substr(1)).kind == match_kind::no_path);
  const auto user = table.find("GET", "/u/0192F0C1-2345-7ABC-8DEF-0123456789AB");
  REQUIRE(user.kind == match_kind::found);
  CHECK(souk::domain::to_string(user.user_id) == id);
  CHECK(canonical_path(*user.at, user.id, user.id2, user.user_id) == "/u/" + id);
  const auto address = table.find("GET", "/u/" + id + "/a/07");
  REQUIRE(address.kind == match_kind::found);
  CHECK(address.id == 7);
  CHECK(canonical_path(*address.at, 7, 0, address.user_id) == "/u/" + id + "/a/7");
  const auto item = table.find("GET", "/o/3/i/4/");
  REQUIRE(item.kind == match_kind::found);
  CHECK(item.id == 3);
  CHECK(item.id2 == 4);
  CHECK(canonical_path(*item.at, item.id, item.id2) == "/o/3/i/4");
  const auto doc = json::parse(make_openapi(table.all()));
  const auto& named = doc["paths"]["/u/{user_id}/a/{id}"]["get"]["parameters"];
  CHECK(named[0]["schema"]["format"] == "uuid");
  CHECK(named[1]["schema"]["type"] == "integer");
}

TEST_CASE("a path is spelled in one way", "[routes]") {
  const auto m = all_routes().find("POST", "/api/v1/%6frders/0042/cancel/");
  REQUIRE(m.kind == match_kind::found);
  CHECK(canonical_path(*m.at, m.id) == "/api/v1/orders/42/cancel");
  CHECK(canonical_path(*all_routes().find("GET", "/api/v1/orders/").at, 0) == "/api/v1/orders");
}

TEST_CASE("the table is complete", "[routes]") {
  std::set<std::string_view> operations;
  for (const auto& x : all_routes().all()) {
    INFO(x.path);
    CHECK(operations.insert(x.operation).second);
    CHECK(x.run);
    CHECK_FALSE(x.summary.empty());
    CHECK_FALSE(x.answers.empty());
    CHECK(x.changes
          == (x.method != http_method::get && !x.path.ends_with("/auth/login")
              && !x.path.ends_with("/auth/refresh") && !x.path.ends_with("/auth/verify")));
    CHECK(x.unkept == x.path.ends_with("/auth/refresh"));
  }
}

TEST_CASE("the OpenAPI document describes every route, and all its references lead somewhere",
          "[openapi]") {
  const auto doc = json::parse(make_openapi(all_routes().all()));
  CHECK(doc["openapi"] == "3.1.0");
  std::ptrdiff_t operations = 0;
  for (const auto& path : doc["paths"])
    operations += static_cast<std::ptrdiff_t>(path.size());
  std::set<std::string> tags;
  for (const auto& x : doc["tags"])
    tags.insert(x["name"].get<std::string>());
  for (const auto& path : doc["paths"])
    for (const auto& x : path) {
      CHECK(tags.count(x["tags"][0].get<std::string>()) == 1);
      CHECK_FALSE(x["description"].get<std::string>().empty());
    }
  CHECK_FALSE(doc["paths"].contains("/docs"));
  const auto& all = all_routes().all();
  CHECK(operations
        == std::count_if(all.begin(), all.end(), [](const auto& x) { return !x.hidden; }));
  std::set<std::string> references;
  find_references(doc, references);
  CHECK(references.size() > 20);
  for (const auto& x : references) {
    INFO(x);
    CHECK(doc.contains(json::json_pointer{x.substr(1)}));
  }
}

TEST_CASE("the OpenAPI document says what a route demands", "[openapi]") {
  const auto doc = json::parse(make_openapi(all_routes().all()));
  const auto& place = doc["paths"]["/api/v1/orders"]["post"];
  CHECK(place["security"] == json::parse(R"([{"bearer":[]}])"));
  for (const auto* status : {"201", "400", "401", "409", "415", "422", "429", "503"})
    CHECK(place["responses"].contains(status));
  CHECK(place["responses"]["201"]["headers"].contains("Location"));
  CHECK(place["responses"]["201"]["headers"].contains("RateLimit"));
  const auto& refused = doc["paths"]["/api/v1/auth/login"]["post"]["responses"]["429"];
  for (const auto* header : {"Retry-After", "RateLimit-Policy", "RateLimit"})
    CHECK(refused["headers"].contains(header));
  CHECK(place["parameters"][0]["$ref"] == "#/components/parameters/IdempotencyKey");
  const auto& read = doc["paths"]["/api/v1/products/{id}"]["get"];
  CHECK(read["security"].empty());
  CHECK(read["responses"].contains("304"));
  CHECK(read["parameters"][0]["in"] == "path");
  CHECK(doc["components"]["securitySchemes"]["bearer"]["bearerFormat"] == "JWT");
  const auto& payment = doc["paths"]["/api/v1/orders/{id}/payment"]["post"];
  CHECK(payment["security"] == json::parse(R"([{"bearer":[]},{"paymentSignature":[]}])"));
  const auto& stream = doc["paths"]["/api/v1/orders/{id}/stream"]["get"];
  CHECK(stream["parameters"][1]["$ref"] == "#/components/parameters/LastEventId");
  CHECK(doc["components"]["parameters"]["LastEventId"]["name"] == "Last-Event-ID");
}

TEST_CASE("the OpenAPI document describes the forms of existing shops too", "[openapi]") {
  const auto listing = aliases::list_forms(all_routes().all());
  const auto& forms = listing.forms;
  const auto text = make_openapi(all_routes().all(), forms);
  CHECK(read_json(text).error.empty()); // takes no name twice, as the page at /docs does
  const auto doc = json::parse(text);
  const auto& paths = doc["paths"];
  std::set<std::string> operations;
  std::set<std::string> shapes;
  for (const auto& [path, item] : paths.items()) {
    INFO(path);
    CHECK(shapes.insert(std::regex_replace(path, std::regex{R"(\{[^}]*\})"}, "{}")).second);
    for (const auto& x : item)
      CHECK(operations.insert(x["operationId"].get<std::string>()).second);
  }
  for (const auto& x : forms) {
    INFO(x.path);
    std::string method{to_string(x.method)};
    for (auto& c : method)
      c = static_cast<char>(std::tolower(c));
    REQUIRE(paths[std::string{x.path}].contains(method));
    const auto& described = paths[std::string{x.path}][method];
    CHECK(described["responses"].contains("200"));
    CHECK(described["responses"].contains("503"));
  }
  const auto& order = paths["/order"]["post"]; // of two documents
  CHECK(order["tags"] == json::parse(R"(["forms"])"));
  CHECK(order["security"] == json::parse(R"([{"bearer":[]}])"));
  CHECK(order["parameters"][0]["name"] == "product_id");
  CHECK(
    order["requestBody"]["content"]["application/json"]["schema"]["properties"].contains("items"));
  CHECK(order["requestBody"]["required"] == false); // one of the two has none
  const auto& placed = paths["/orders"]["post"];
  const auto& sent = placed["requestBody"]["content"]["application/json"];
  CHECK(sent["schema"]["required"] == json::parse(R"(["items"])"));
  CHECK(sent["schema"]["properties"]["items"]["items"]["properties"]["product_id"]["type"]
        == json::parse(R"(["integer","string"])"));
  CHECK(sent["example"]["items"].size() == 1);
  const auto& answer = placed["responses"]["200"]["content"]["application/json"]["schema"];
  CHECK(answer == json::parse(R"({"$ref":"#/components/schemas/FormOrder"})"));
  const auto& fields = doc["components"]["schemas"]["FormOrder"]["properties"];
  CHECK(fields.contains("total_amount"));
  CHECK(fields.contains("total_price"));
  CHECK(paths["/token"]["post"]["security"].empty());
  CHECK(paths["/token"]["post"]["requestBody"]["content"].size() == 2);
  CHECK(paths["/stock"]["post"]["x-access"] == "admin");
  CHECK(paths["/user/{user_id}/addresses"]["post"]["parameters"][0]["schema"]["type"] == "string");
  CHECK(paths["/api/v1/users/{user_id}"]["delete"]["operationId"] == "deleteUser");
  std::set<std::string> references;
  find_references(doc, references);
  for (const auto& x : references) {
    INFO(x);
    CHECK(doc.contains(json::json_pointer{x.substr(1)}));
  }
}

TEST_CASE("a form needs a token exactly where its route does", "[openapi]") {
  const auto doc =
    json::parse(make_openapi(all_routes().all(), aliases::list_forms(all_routes().all()).forms));
  for (const auto& x : aliases::all_forms()) {
    INFO(x.path);
    std::string method{to_string(x.method)};
    for (auto& c : method)
      c = static_cast<char>(std::tolower(c));
    CHECK(doc["paths"][std::string{x.path}][method]["security"].empty() == x.open);
  }
}
