// Drives every message through CAF's serialisation and back, as on the way to another node,
// against random contents that are made and compared member by member.
#include "actors/error.hpp"
#include "actors/messages/type_ids.hpp"

#include <boost/pfr.hpp>
#include <caf/all.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <catch2/catch.hpp>

#include <limits>
#include <optional>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

using namespace souk;
using namespace souk::actors;

namespace {

struct system_fixture {
  struct config : caf::actor_system_config {
    config() { add_message_types<caf::id_block::souk>(); }
  } cfg;
  caf::actor_system sys{cfg};
  std::mt19937_64 random{20240229};

  // -- filling, without the help of `inspect`

  void fill(bool& x) { x = random() % 2 == 0; }
  void fill(std::string& x) {
    x.clear();
    for (auto n = random() % 12; n > 0; --n)
      x += static_cast<char>(random()); // zero bytes and broken UTF-8 too
  }
  void fill(domain::uuid& x) {
    for (auto& byte : x.bytes)
      byte = static_cast<uint8_t>(random());
  }
  template <class T>
  void fill(std::vector<T>& x) {
    x.resize(random() % 4);
    for (auto& item : x)
      fill(item);
  }
  template <class T>
  void fill(std::optional<T>& x) {
    x.reset();
    if (random() % 2 == 0)
      fill(x.emplace());
  }
  template <class T>
  void fill(boxed<T>& x) {
    x.reset();
    if (random() % 2 == 0)
      fill(x.emplace());
  }
  template <class T>
  void fill(T& x) {
    if constexpr (std::is_enum_v<T>) {
      x = static_cast<T>(random() % 3);
    } else if constexpr (std::is_integral_v<T>) {
      switch (random() % 4) {
      case 0: x = std::numeric_limits<T>::min(); break;
      case 1: x = std::numeric_limits<T>::max(); break;
      default: x = static_cast<T>(random());
      }
    } else {
      boost::pfr::for_each_field(x, [this](auto& field) { fill(field); });
    }
  }
};

// -- comparing, without the help of `inspect`

template <class T>
bool same(const T& a, const T& b);
template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  if (a.size() != b.size())
    return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (!same(a[i], b[i]))
      return false;
  return true;
}
template <class T>
bool same(const std::optional<T>& a, const std::optional<T>& b) {
  return a.has_value() == b.has_value() && (!a || same(*a, *b));
}
template <class T>
bool same(const boxed<T>& a, const boxed<T>& b) {
  return a.has_value() == b.has_value() && (!a || same(*a, *b));
}
template <class T>
bool same(const T& a, const T& b) {
  if constexpr (requires { a == b; }) {
    return a == b;
  } else {
    bool equal = true;
    [&]<size_t... I>(std::index_sequence<I...>) {
      ((equal = equal && same(boost::pfr::get<I>(a), boost::pfr::get<I>(b))), ...);
    }
    (std::make_index_sequence<boost::pfr::tuple_size_v<T>>{});
    return equal;
  }
}

/// Sends 200 of them through a message of CAF's, whose type is found by its name on arrival.
template <class T>
void round_trip(system_fixture& f) {
  for (int i = 0; i < 200; ++i) {
    T sent{};
    f.fill(sent);
    auto out = caf::make_message(sent);
    std::vector<char> bytes;
    caf::binary_serializer sink{f.sys, bytes};
    REQUIRE_FALSE(sink(out));
    caf::message in;
    caf::binary_deserializer source{f.sys, bytes};
    REQUIRE_FALSE(source(in));
    REQUIRE(in.match_elements<T>());
    REQUIRE(same(sent, in.get_as<T>(0)));
    REQUIRE(source.remaining() == 0);
  }
}

/// How many members are told to an inspector.
struct member_counter {
  using result_type = size_t;
  template <class... Ts>
  size_t operator()(caf::meta::type_name_t, Ts&...) {
    return sizeof...(Ts);
  }
};

template <class T>
size_t inspected() {
  T x{};
  member_counter counter;
  return inspect(counter, x);
}

} // namespace

// As in actors/messages/type_ids.hpp; the last test fails if one is missing here.
#define SOUK_MESSAGES                                                                              \
  domain::user, domain::product, domain::order, domain::category, register_user, log_in, get_user, \
    hash_password, verify_password, user_answer, create_product, create_category, update_product,  \
    get_product, list_products, complete_product, product_view, product_page, product_answer,      \
    reserve_stock, stock_reserved, release_stock, settle_stock, relabel_product,                   \
    std::vector<shortage>, get_stock, set_stock, adjust_stock, stock_view, stock_answer,           \
    place_order, get_order, list_orders, change_order_status, order_page, order_answer,            \
    actors::write, written, fence, fenced, take_ids, id_block, load_stock, stock_records,          \
    load_product, load_user, load_credentials, credentials, load_order, load_kept_answer,          \
    kept_answer_found, load_order_times, order_times, ping_store, store_alive, events_committed,   \
    describe_products, product_descriptions, domain::cart, confirm_order, expire_order,            \
    change_order_item, pay_order, watch_order, order_news, get_cart, change_cart, check_out,       \
    cart_view, cart_answer, std::vector<changed_price>, load_cart, load_payment, payment_found,    \
    load_unpaid_orders, order_ids, load_events, events_page, load_log_position, log_position,      \
    save_log_position, log_grew, unknown_products, fetch_external, external_answer,                \
    domain::account, domain::kept_address, password_matched, open_session, session_opened,         \
    refresh_session, end_sessions, change_password, begin_reset, reset_password,                   \
    actors::change_user, actors::remove_user, list_users, user_page, list_addresses, address_list, \
    get_address, put_address, actors::remove_address, password_verified, send_mail, load_password, \
    address_answer, session_answer, update_category, delete_category, get_category,                \
    list_categories, category_view, category_answer, category_list, load_categories,               \
    category_rows, find_products, found_products, list_movements, movement_page

namespace {

template <class... Ts>
struct list {
  static constexpr size_t size = sizeof...(Ts);
  template <class F>
  static void each(F f) {
    (f(static_cast<Ts*>(nullptr)), ...);
  }
};
using messages = list<SOUK_MESSAGES>;

} // namespace

TEST_CASE_METHOD(system_fixture, "every message arrives at another node as it was sent") {
  messages::each([&]<class T>(T*) {
    CAPTURE(caf::type_name<T>::value);
    round_trip<T>(*this);
  });
}

TEST_CASE("every member of every struct is inspected") {
  auto complete = []<class T>(T*) {
    CAPTURE(typeid(T).name());
    CHECK(inspected<T>() == boost::pfr::tuple_size_v<T>);
  };
  messages::each([&]<class T>(T* x) {
    if constexpr (!std::is_same_v<
                    T, std::vector<shortage>> && !std::is_same_v<T, std::vector<changed_price>>)
      complete(x);
  });
  // what they are made of
  list<call, idempotency_key, domain::address, domain::order_line, domain::stock_level, wanted_line,
       reserved_line, settlement, shortage, incarnation, event, stock_change, kept_answer, user_row,
       row_change<domain::order>, stock_record, external_product>::each(complete);
}

TEST_CASE_METHOD(system_fixture, "a message that is cut off does not arrive as another message") {
  place_order sent;
  fill(sent);
  sent.lines = {{1, 2}, {3, 4}};
  auto out = caf::make_message(sent);
  std::vector<char> bytes;
  caf::binary_serializer sink{sys, bytes};
  REQUIRE_FALSE(sink(out));
  for (size_t n = 0; n < bytes.size(); ++n) {
    caf::message in;
    CAPTURE(n);
    caf::binary_deserializer source{sys, bytes.data(), n};
    CHECK((source(in) || in.empty()));
  }
}

TEST_CASE_METHOD(system_fixture, "an error crosses with its code and its context") {
  std::vector<shortage> missing(2);
  for (auto& x : missing)
    fill(x);
  auto sent = caf::make_error(ec::out_of_stock, missing);
  std::vector<char> bytes;
  caf::binary_serializer sink{sys, bytes};
  REQUIRE_FALSE(sink(sent));
  caf::error in;
  caf::binary_deserializer source{sys, bytes};
  REQUIRE_FALSE(source(in));
  CHECK(code_of(in) == ec::out_of_stock);
  CHECK(same(in.context().get_as<std::vector<shortage>>(0), missing));
}

TEST_CASE("no message is left out here") {
  CHECK(messages::size == caf::id_block::souk::end - caf::id_block::souk::begin);
}
