// Drives an order's history over HTTP against a running server on each database: as a list, and as
// a stream that tells it from any point on and then goes on as it happens.
#include "tests/system/support/databases.hpp"
#include "tests/system/support/event_stream.hpp"
#include "tests/system/support/waiting.hpp"

#include <algorithm>
#include <memory>
#include <optional>

using namespace souk::tests;

namespace {

json events_of(shop& s, const json& order) {
  return s.admin().get(order_path(order) + "/events").as_json();
}

header_list credentials(const account& who, const std::string& last_event = "") {
  header_list result{{"Authorization", "Bearer " + who.token}};
  if (!last_event.empty())
    result.emplace_back("Last-Event-ID", last_event);
  return result;
}

std::string stream_path(const json& order) {
  return order_path(order) + "/stream";
}

/// An event of a stream is one of the list, and says so outside its data as well.
void check_same(const stream_event& got, const json& expected) {
  CHECK(got.data == expected);
  CHECK(got.id == expected.at("id").dump());
  CHECK(got.kind == expected.at("kind"));
}

void check_same(const std::vector<stream_event>& got, const json& expected, size_t from = 0) {
  REQUIRE(got.size() == expected.size() - from);
  for (size_t i = 0; i < got.size(); ++i)
    check_same(got[i], expected[from + i]);
}

} // namespace

TEST_CASE("an order's history tells what happened and by whom", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10);
  const auto user = s.new_user();
  auto buyer = s.as(user);
  const auto order = s.new_order(user, {{product, 2}});
  const auto item = std::to_string(order.at("items")[0].at("id").get<int64_t>());
  REQUIRE(buyer.put(order_path(order) + "/items/" + item, {{"quantity", 3}}).status == 200);
  for (const auto* status : {"confirmed", "shipped", "delivered", "returned"})
    REQUIRE(s.advance(order, status).status == 200);
  CHECK(s.advance(order, "shipped").status == 409); // what is refused is no event
  const auto got = buyer.get(order_path(order) + "/events");
  INFO(got.body);
  REQUIRE(got.status == 200);
  const auto events = got.as_json();
  CHECK(each(events, "kind")
        == std::vector<json>{"order_placed", "order_items_changed", "order_confirmed",
                             "order_shipped", "order_delivered", "order_returned"});
  CHECK(
    each(events, "status")
    == std::vector<json>{"pending", "pending", "confirmed", "shipped", "delivered", "returned"});
  CHECK(each(events, "by")
        == std::vector<json>{"customer", "customer", "admin", "admin", "admin", "admin"});
  CHECK(each(events, "id") == std::vector<json>{1, 2, 3, 4, 5, 6});
  CHECK(s.read_order(order).at("version") == 6);
  for (const auto& event : events)
    CHECK(is_time(event.at("at")));
  const auto times = each(events, "at");
  CHECK(std::is_sorted(times.begin(), times.end()));
  CHECK(events_of(s, order) == events);

  const auto second = s.new_order(user, {{product, 1}});
  REQUIRE(buyer.post(order_path(second) + "/cancel", json::object()).status == 200);
  const auto cancelled = events_of(s, second);
  CHECK(each(cancelled, "kind") == std::vector<json>{"order_placed", "order_cancelled"});
  CHECK(cancelled[1].at("by") == "customer");

  s.server.kill();
  s.server.start();
  CHECK(events_of(s, order) == events);
  CHECK(events_of(s, second) == cancelled);
  CHECK(s.closed_books() == "");
}

TEST_CASE("a stream tells the whole history and what happens then", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10);
  const auto user = s.new_user();
  const auto order = s.new_order(user, {{product, 1}});
  REQUIRE(s.advance(order, "confirmed").status == 200);
  event_stream stream{s.server.port(), stream_path(order), credentials(user)};
  REQUIRE(stream.head().status == 200);
  CHECK(stream.head().header("Content-Type").starts_with("text/event-stream"));
  CHECK(stream.head().header("Transfer-Encoding") == "chunked");
  CHECK_FALSE(stream.head().has("Content-Length"));
  check_same(stream.take(2), events_of(s, order));
  CHECK_FALSE(stream.next(50ms)); // nothing else happened

  REQUIRE(s.advance(order, "shipped").status == 200);
  const auto shipped = stream.next();
  REQUIRE(shipped);
  check_same(*shipped, events_of(s, order)[2]);
  REQUIRE(s.advance(order, "delivered").status == 200);
  REQUIRE(s.advance(order, "returned").status == 200);
  check_same(stream.take(2), events_of(s, order), 3);
  CHECK(stream.ends());
  CHECK(s.closed_books() == "");
}

TEST_CASE("a stream goes on after the last event that was seen", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10);
  const auto user = s.new_user();
  const auto order = s.new_order(user, {{product, 1}});
  for (const auto* status : {"confirmed", "shipped"})
    REQUIRE(s.advance(order, status).status == 200);
  const auto events = events_of(s, order);
  for (size_t seen = 0; seen <= 2; ++seen) {
    event_stream stream{s.server.port(), stream_path(order),
                        credentials(user, std::to_string(seen))};
    check_same(stream.take(3 - seen), events, seen);
  }
  // What is no event of the order's leaves nothing out.
  for (const auto* unknown : {"99", "2abc", "-1", "99999999999999999999999"}) {
    event_stream stream{s.server.port(), stream_path(order), credentials(user, unknown)};
    check_same(stream.take(3), events);
  }
  event_stream last{s.server.port(), stream_path(order), credentials(user, "3")};
  CHECK(last.head().status == 200);
  CHECK_FALSE(last.next(50ms));
  REQUIRE(s.advance(order, "delivered").status == 200);
  const auto delivered = last.next();
  REQUIRE(delivered);
  check_same(*delivered, events_of(s, order)[3]);

  // Of an order that has come to its end, a stream tells the rest and ends.
  const auto ended = s.new_order(user, {{product, 1}});
  REQUIRE(s.as(user).post(order_path(ended) + "/cancel", json::object()).status == 200);
  event_stream rest{s.server.port(), stream_path(ended), credentials(user, "1")};
  check_same(rest.take(1), events_of(s, ended), 1);
  CHECK(rest.ends());
  // Nothing is left to tell: a browser that came back for ever is sent away.
  CHECK(s.as(user).get(stream_path(ended), {{"Last-Event-ID", "2"}}).status == 204);
}

TEST_CASE("a cancelled order's stream ends at once", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10);
  const auto user = s.new_user();
  const auto order = s.new_order(user, {{product, 1}});
  event_stream stream{s.server.port(), stream_path(order), credentials(user)};
  check_same(stream.take(1), events_of(s, order));
  REQUIRE(s.as(user).post(order_path(order) + "/cancel", json::object()).status == 200);
  const auto cancelled = stream.next();
  REQUIRE(cancelled);
  CHECK(cancelled->kind == "order_cancelled");
  CHECK(stream.ends());
}

TEST_CASE("everyone who listens hears of every change in order", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(100);
  const auto user = s.new_user();
  const auto order = s.new_order(user, {{product, 1}});
  const auto other = s.new_order(user, {{product, 1}});
  std::vector<std::unique_ptr<event_stream>> streams;
  for (int i = 0; i < 8; ++i)
    streams.push_back(
      std::make_unique<event_stream>(s.server.port(), stream_path(order), credentials(user)));
  streams.pop_back(); // one that goes away is no trouble
  const auto item = std::to_string(order.at("items")[0].at("id").get<int64_t>());
  auto buyer = s.as(user);
  for (int quantity = 2; quantity <= 8; ++quantity)
    REQUIRE(buyer.put(order_path(order) + "/items/" + item, {{"quantity", quantity}}).status
            == 200);
  REQUIRE(s.advance(other, "confirmed").status == 200); // not theirs
  const auto events = events_of(s, order);
  REQUIRE(events.size() == 8);
  for (const auto& stream : streams) {
    check_same(stream->take(8), events);
    CHECK_FALSE(stream->next(5ms));
  }
  CHECK(s.closed_books() == "");
}

TEST_CASE("an open stream does not hold up the end and goes on after it", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10);
  const auto user = s.new_user();
  const auto order = s.new_order(user, {{product, 1}});
  std::optional<event_stream> stream;
  stream.emplace(s.server.port(), stream_path(order), credentials(user));
  check_same(stream->take(1), events_of(s, order));
  const auto begin = std::chrono::steady_clock::now();
  CHECK(s.server.stop() == 0);
  CHECK(std::chrono::steady_clock::now() - begin < 8s);
  CHECK_FALSE(stream->next());
  s.server.start();
  REQUIRE(s.advance(order, "confirmed").status == 200);
  stream.emplace(s.server.port(), stream_path(order), credentials(user, "1"));
  check_same(stream->take(1), events_of(s, order), 1);
}

TEST_CASE("a foreign order has neither history nor stream", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10);
  const auto order = s.new_order(s.new_user(), {{product, 1}});
  const json missing{{"id", 9007199254740000}};
  auto stranger = s.as(s.new_user());
  for (const auto* route : {"/events", "/stream"}) {
    INFO(route);
    const auto foreign = stranger.get(order_path(order) + route);
    CHECK(foreign.status == 404);
    CHECK(foreign.header("Content-Type").starts_with("application/problem+json"));
    CHECK(anonymous(foreign) == anonymous(stranger.get(order_path(missing) + route)));
    CHECK(s.admin().get(order_path(missing) + route).status == 404);
    CHECK(s.guest().get(order_path(order) + route).status == 401);
  }
  const auto admin = s.open_session({"admin", admin_password, "", ""});
  const account who{"admin", admin_password, "", admin.at("access_token")};
  event_stream stream{s.server.port(), stream_path(order), credentials(who)};
  CHECK(stream.take(1).size() == 1);
}

TEST_CASE("a stream ends with the session that opened it", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10);
  const auto user = s.new_user();
  const auto order = s.new_order(user, {{product, 1}});
  event_stream stream{s.server.port(), stream_path(order), credentials(user)};
  REQUIRE(stream.head().status == 200);
  CHECK(stream.take(1).size() == 1);
  REQUIRE(s.as(user).send("POST", "/api/v1/auth/logout").status == 204);
  REQUIRE(s.advance(order, "confirmed").status == 200);
  CHECK(stream.ends()); // without a further event
}

TEST_CASE("a stream by X-User-ID ends with its account", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"auth.trusted_proxies", "127.0.0.1"}}};
  const auto product = s.new_product(10);
  const auto user = s.new_user();
  const auto order = s.new_order(user, {{product, 1}});
  event_stream stream{s.server.port(), stream_path(order), {{"X-User-ID", user.id}}};
  REQUIRE(stream.head().status == 200);
  CHECK(stream.take(1).size() == 1);
  REQUIRE(s.admin().patch("/api/v1/users/" + user.id, {{"disabled", true}}).status == 200);
  REQUIRE(s.advance(order, "confirmed").status == 200);
  CHECK(stream.ends()); // without a further event
}

TEST_CASE("nobody follows so many orders that others cannot", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"http.threads", "3"}}};
  const auto product = s.new_product(10);
  const auto user = s.new_user();
  const auto order = s.new_order(user, {{product, 1}});
  std::vector<std::unique_ptr<event_stream>> open;
  const auto follow = [&](const account& who, const json& what) {
    open.push_back(
      std::make_unique<event_stream>(s.server.port(), stream_path(what), credentials(who)));
    return open.back()->head().status;
  };
  for (int i = 0; i < 50; ++i)
    REQUIRE(follow(user, order) == 200);
  const auto refused = s.as(user).get(stream_path(order));
  CHECK(refused.status == 429);
  CHECK(refused.code() == "too_many_streams");
  CHECK(refused.has("Retry-After"));
  const auto other = s.new_user();
  CHECK(follow(other, s.new_order(other, {{product, 1}})) == 200);
  open.erase(open.begin()); // its place is free once the server has seen that
  CHECK(eventually(10s, [&] { return follow(user, order) == 200; }));
}
