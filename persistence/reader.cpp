// The reading actors: each blocks a thread of its own, never the writer.
#include "actors/log.hpp"
#include "persistence/committer.hpp"
#include "persistence/connection.hpp"
#include "persistence/persistence.hpp"
#include "persistence/reads.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace souk::persistence {

using namespace actors;

namespace {

using reader_impl = reader_actor::extend<caf::reacts_to<caf::tick_atom>>;

constexpr size_t max_together = 256;
constexpr std::chrono::milliseconds pause_when_lost{100};

struct asked_stock {
  std::vector<int64_t> product_ids;
  caf::typed_response_promise<stock_records> promise;
};

struct asked_order {
  int64_t id;
  caf::typed_response_promise<domain::order> promise;
};

/// A list or a search that a client wants by `deadline` (milliseconds since 1970; 0: at any time).
struct asked_list {
  int64_t deadline;
  std::function<void()> read; ///< and answer
  std::function<void(caf::error)> refuse;
};

/// One reader. Opens its session when first asked and again after a loss; holds nothing else, so a
/// restart loses nothing.
struct reader_state {
  reader_state(reader_impl::pointer ptr) : self{ptr} {}
  ~reader_state() {
    for (auto& x : stock)
      x.promise.deliver(caf::make_error(ec::overloaded));
    for (auto& x : orders)
      x.promise.deliver(caf::make_error(ec::overloaded));
    for (auto& x : lists)
      x.refuse(caf::make_error(ec::overloaded));
  }

  /// Counts are wanted one by one, by many: what waits already is read together.
  caf::result<stock_records> ask_stock(load_stock& x) {
    if (self->mailbox().size() + stock.size() > config.max_reads)
      return caf::make_error(ec::overloaded);
    auto promise = self->make_response_promise<stock_records>();
    stock.push_back({std::move(x.product_ids), promise});
    if (self->mailbox().empty() || stock.size() >= max_together)
      read_waiting();
    return promise;
  }

  /// So are orders: the clerk asks for hundreds at a time.
  caf::result<domain::order> ask_order(int64_t id) {
    if (self->mailbox().size() + orders.size() > config.max_reads)
      return caf::make_error(ec::overloaded);
    auto promise = self->make_response_promise<domain::order>();
    orders.push_back({id, promise});
    if (self->mailbox().empty() || orders.size() >= max_together)
      read_waiting();
    return promise;
  }

  /// What waits to be read together goes before any question that came later, or a reader that has
  /// no pause would leave it waiting for ever.
  void read_waiting() {
    if (!stock.empty())
      read_stock();
    if (!orders.empty())
      read_orders();
  }

  void read_orders() {
    auto together = std::exchange(orders, {});
    std::vector<int64_t> ids;
    for (auto& x : together)
      ids.push_back(x.id);
    std::unordered_map<int64_t, domain::order> found;
    std::vector<int64_t> unreadable; // these alone fail
    auto bad = attempt([&](reads& r) {
      found.clear();
      unreadable.clear();
      for (auto& o : r.orders(ids, unreadable))
        found[o.id] = std::move(o);
    });
    std::sort(unreadable.begin(), unreadable.end());
    for (auto id : unreadable)
      spdlog::error("order {} cannot be read: its row cannot be decoded", id);
    for (auto& x : together) {
      auto i = found.find(x.id);
      if (bad != ec::none)
        x.promise.deliver(caf::make_error(bad));
      else if (std::binary_search(unreadable.begin(), unreadable.end(), x.id))
        x.promise.deliver(caf::make_error(ec::internal));
      else if (i == found.end())
        x.promise.deliver(caf::make_error(ec::not_found));
      else
        x.promise.deliver(i->second);
    }
  }

  void read_stock() {
    auto together = std::exchange(stock, {});
    std::vector<int64_t> ids;
    for (auto& x : together)
      ids.insert(ids.end(), x.product_ids.begin(), x.product_ids.end());
    std::unordered_map<int64_t, stock_record> found;
    auto bad = attempt([&](reads& r) {
      found.clear();
      for (auto& record : r.stock(ids).items)
        found[record.product.id] = std::move(record);
    });
    for (auto& x : together) {
      stock_records answer;
      for (auto id : x.product_ids)
        if (auto i = found.find(id); i != found.end())
          answer.items.push_back(i->second);
      if (bad == ec::none)
        x.promise.deliver(std::move(answer));
      else
        x.promise.deliver(caf::make_error(bad));
    }
  }

  /// Answers one question, after those that are answered together and came before it.
  template <class Answer, class Question>
  caf::result<Answer> ask(Question question) {
    if (self->mailbox().size() > config.max_reads)
      return caf::make_error(ec::overloaded);
    read_waiting();
    caf::result<Answer> result{caf::make_error(ec::database_unavailable)};
    attempt([&](reads& r) { result = question(r); });
    return result;
  }

  /// Keeps a list until what shards wait for has been read: each may take milliseconds, and
  /// anyone may ask for many.
  template <class Answer, class Question>
  caf::result<Answer> ask_list(int64_t deadline, Question question) {
    if (lists.size() >= config.max_reads)
      return caf::make_error(ec::overloaded);
    auto promise = self->make_response_promise<Answer>();
    auto read = [this, promise, question = std::move(question)]() mutable {
      Answer answer;
      auto bad = attempt([&](reads& r) { answer = question(r); });
      if (bad == ec::none)
        promise.deliver(std::move(answer));
      else
        promise.deliver(caf::make_error(bad));
    };
    auto refuse = [promise](caf::error why) mutable { promise.deliver(std::move(why)); };
    lists.push_back({deadline, std::move(read), std::move(refuse)});
    if (lists.size() == 1)
      self->send(self, caf::tick_atom_v);
    return promise;
  }

  /// Reads one list, and the next after all that has come meanwhile. Nobody waits any more for
  /// those whose time is over.
  void read_list() {
    read_waiting();
    const auto now = now_ms();
    while (!lists.empty() && lists.front().deadline != 0 && lists.front().deadline < now) {
      lists.front().refuse(caf::make_error(ec::overloaded));
      lists.pop_front();
    }
    if (lists.empty())
      return;
    auto next = std::move(lists.front());
    lists.pop_front();
    next.read();
    if (!lists.empty())
      self->send(self, caf::tick_atom_v);
  }

  /// Asks the database, once more if the connection turns out to be lost. Those who waited while it
  /// could not be reached are not tried each: their time is over, or soon will be.
  template <class Work>
  ec attempt(Work work) {
    if (std::chrono::steady_clock::now() < lost_until_)
      return ec::database_unavailable;
    for (bool again : {true, false}) {
      try {
        if (!reads_) {
          db->open();
          connection::guard g{*db};
          reads_ = std::make_unique<reads>(db->sql(), db->kind());
        }
        connection::guard g{*db};
        work(*reads_);
        return ec::none;
      } catch (...) {
        std::string why;
        auto f = db->classify(why);
        reads_.reset(); // a statement that was interrupted may keep an old snapshot
        if (f == fault::lost || !db->is_open()) {
          db->close();
          if (again)
            continue;
          lost_until_ = std::chrono::steady_clock::now() + pause_when_lost;
        }
        spdlog::error("a read failed: {}", why);
        break;
      }
    }
    return ec::database_unavailable;
  }

  /// The same for something that may not exist.
  template <class Answer, class Question>
  caf::result<Answer> find(Question question) {
    return ask<Answer>([&](reads& r) -> caf::result<Answer> {
      if (auto found = question(r))
        return std::move(*found);
      return caf::make_error(ec::not_found);
    });
  }

  reader_impl::pointer self;
  options config;
  std::vector<asked_stock> stock;
  std::vector<asked_order> orders;
  std::deque<asked_list> lists; ///< not empty: a tick is on its way
  std::unique_ptr<connection> db;
  std::unique_ptr<reads> reads_;
  std::chrono::steady_clock::time_point lost_until_{};
  static inline constexpr const char* name = "reader";
};

reader_impl::behavior_type reader_behavior(reader_impl::stateful_pointer<reader_state> self,
                                           options config) {
  auto& st = self->state;
  st.config = config;
  st.db =
    std::make_unique<connection>(location::parse(config.url), access::reader, config.stall_timeout);
  return {
    [self](load_stock& x) { return self->state.ask_stock(x); },
    [self](const load_product& x) {
      return self->state.find<domain::product>([&](reads& r) { return r.product(x.id); });
    },
    [self](const list_products& x) {
      if (!x.external_id.empty()) // one, by its index
        return self->state.ask<product_page>([&](reads& r) { return r.products(x); });
      return self->state.ask_list<product_page>(x.call.deadline,
                                                [x](reads& r) { return r.products(x); });
    },
    [self](const find_products& x) {
      return self->state.ask<found_products>(
        [&](reads& r) { return r.find_products(x.external_ids); });
    },
    [self](const load_categories& x) {
      return self->state.ask<category_rows>([&](reads& r) { return r.categories(x); });
    },
    [self](const list_movements& x) {
      return self->state.find<movement_page>([&](reads& r) { return r.movements(x); });
    },
    [self](const load_user& x) {
      return self->state.find<domain::account>([&](reads& r) { return r.account(x.id); });
    },
    [self](const load_password& x) {
      return self->state.ask<credentials>([&](reads& r) { return r.password(x.id); });
    },
    [self](const list_users& x) {
      if (!x.username.empty() || !x.email.empty()) // one, by its index
        return self->state.ask<user_page>([&](reads& r) { return r.users(x); });
      return self->state.ask_list<user_page>(x.call.deadline, [x](reads& r) { return r.users(x); });
    },
    [self](const load_credentials& x) {
      return self->state.ask<credentials>([&](reads& r) { return r.credentials(x.login); });
    },
    [self](const load_order& x) { return self->state.ask_order(x.id); },
    [self](const list_orders& x) {
      return self->state.ask_list<order_page>(x.call.deadline,
                                              [x](reads& r) { return r.orders(x); });
    },
    [self](const load_order_times& x) {
      return self->state.ask<order_times>([&](reads& r) { return r.order_times(x); });
    },
    [self](const load_cart& x) {
      return self->state.find<domain::cart>([&](reads& r) { return r.cart(x.user_id); });
    },
    [self](const load_payment& x) {
      return self->state.ask<payment_found>(
        [&](reads& r) { return payment_found{r.payment(x.reference)}; });
    },
    [self](const load_unpaid_orders& x) {
      return self->state.ask<order_ids>([&](reads& r) { return r.unpaid_orders(x); });
    },
    [self](const load_events& x) {
      return self->state.ask<events_page>([&](reads& r) { return r.events(x); });
    },
    [self](const load_log_position& x) {
      return self->state.ask<log_position>([&](reads& r) { return r.position(x.consumer); });
    },
    [self](const load_kept_answer& x) {
      return self->state.ask<kept_answer_found>(
        [&](reads& r) { return kept_answer_found{r.kept_answer(x.id)}; });
    },
    [self](const ping_store&) {
      return self->state.ask<store_alive>([](reads& r) {
        r.ping();
        return store_alive{};
      });
    },
    [self](caf::tick_atom) { self->state.read_list(); },
  };
}

} // namespace

reader_actor spawn_reader(caf::actor_system& sys, const options& o) {
  return sys.spawn<caf::detached>(reader_behavior, o);
}

} // namespace souk::persistence
