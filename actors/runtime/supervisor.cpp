#include "actors/runtime/supervisor.hpp"

#include "actors/log.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <deque>

namespace souk::actors {

namespace {

using time_point = caf::actor_clock::time_point;

struct supervised {
  caf::actor handle;
  std::deque<time_point> crashes; ///< within the window
};

/// Holds the shards of one domain; on a scheduler thread.
struct supervisor_state {
  explicit supervisor_state(caf::event_based_actor* ptr) : self{ptr} {}

  void start(uint32_t i);
  void on_down(const caf::down_msg& d);
  void crashed(uint32_t i, const std::string& why);
  void stop(caf::error why);
  bool hopeless() const;
  bool anyone_alive() const {
    return std::any_of(shards.begin(), shards.end(), [](auto& s) { return bool{s.handle}; });
  }

  caf::event_based_actor* self;
  supervision what;
  std::vector<supervised> shards;
  bool stopping = false;
  caf::error reason;
  static inline constexpr const char* name = "supervisor";
};

/// One that cannot be started counts as one that crashed; the others must not suffer from it.
void supervisor_state::start(uint32_t i) {
  try {
    shards[i].handle = what.start(i);
    self->monitor(shards[i].handle);
  } catch (const std::exception& e) {
    crashed(i, e.what());
  }
}

bool supervisor_state::hopeless() const {
  size_t bad = 0;
  for (auto& s : shards) {
    if (s.crashes.size() > what.max_restarts)
      return true;
    bad += s.crashes.size() > what.max_restarts / 2 ? 1 : 0;
  }
  return bad >= what.max_bad_shards;
}

void supervisor_state::on_down(const caf::down_msg& d) {
  auto found = std::find_if(shards.begin(), shards.end(),
                            [&](auto& s) { return s.handle && s.handle.address() == d.source; });
  if (found == shards.end())
    return;
  found->handle = nullptr;
  if (stopping) {
    if (!anyone_alive())
      self->quit(reason);
    return;
  }
  crashed(static_cast<uint32_t>(found - shards.begin()), caf::to_string(d.reason));
}

void supervisor_state::crashed(uint32_t i, const std::string& why) {
  auto now = self->clock().now();
  auto& crashes = shards[i].crashes;
  crashes.push_back(now);
  for (auto& s : shards)
    while (!s.crashes.empty() && s.crashes.front() + what.window < now)
      s.crashes.pop_front();
  spdlog::error("{} shard {} is down: {}", what.name, i, why);
  if (hopeless()) {
    spdlog::critical("{}: restarting does not help, the domain is stopped", what.name);
    return stop(caf::make_error(ec::internal));
  }
  auto doubled = what.backoff_min * (1u << std::min<size_t>(crashes.size() - 1, 16));
  auto wait = std::min<std::chrono::milliseconds>(what.backoff_max, doubled);
  self->delayed_send(self, wait, caf::tick_atom_v, i);
}

void supervisor_state::stop(caf::error why) {
  if (stopping)
    return;
  stopping = true;
  reason = std::move(why);
  for (auto& s : shards)
    if (s.handle)
      self->send_exit(s.handle, caf::exit_reason::user_shutdown);
  if (!anyone_alive())
    return self->quit(reason);
  self->delayed_send(self, what.stop_timeout, caf::close_atom_v);
}

caf::behavior supervisor_behavior(caf::stateful_actor<supervisor_state>* self, supervision what) {
  auto& st = self->state;
  st.what = std::move(what);
  st.shards.resize(st.what.shards);
  self->set_down_handler([self](caf::down_msg& d) { self->state.on_down(d); });
  self->set_exit_handler([self](caf::exit_msg& m) { self->state.stop(std::move(m.reason)); });
  for (uint32_t i = 0; i < st.what.shards && !st.stopping; ++i)
    st.start(i);
  return {
    [](caf::ok_atom) { return true; }, // answered when all shards have been started
    [self](caf::tick_atom, uint32_t i) {
      if (!self->state.stopping)
        self->state.start(i);
    },
    [self](caf::close_atom) {
      for (auto& s : self->state.shards)
        if (s.handle)
          self->send_exit(s.handle, caf::exit_reason::kill);
    },
  };
}

/// Holds the supervisors; on a scheduler thread.
struct root_state {
  struct domain {
    supervision what;
    caf::actor supervisor;
    int restarts = 0;
  };

  explicit root_state(caf::event_based_actor* ptr) : self{ptr} {}

  void start(domain& d) {
    d.supervisor = spawn_supervisor(self->home_system(), d.what);
    self->monitor(d.supervisor);
  }

  void on_down(const caf::down_msg& m) {
    for (auto& d : domains) {
      if (!d.supervisor || d.supervisor.address() != m.source)
        continue;
      d.supervisor = nullptr;
      if (stopping)
        return stop_next();
      if (d.restarts++ == 0) {
        spdlog::critical("{}: started once more", d.what.name);
        return start(d);
      }
      spdlog::critical("{}: given up", d.what.name);
      if (auto call = std::exchange(fatal, nullptr))
        call(d.what.name);
      return;
    }
  }

  /// Starts the domains from the i-th on, each when the one before has spawned its shards: whoever
  /// is asked stands before whoever asks.
  void start_from(size_t i) {
    if (stopping)
      return on_started(caf::make_error(caf::sec::runtime_error));
    if (i == domains.size())
      return on_started({});
    start(domains[i]);
    self->request(domains[i].supervisor, std::chrono::seconds{30}, caf::ok_atom_v)
      .then([this, i](bool) { start_from(i + 1); },
            [this](caf::error& why) { on_started(std::move(why)); });
  }

  void on_started(caf::error why) {
    started = true;
    start_error = std::move(why);
    for (auto& p : std::exchange(waiting, {}))
      tell_started(p);
  }

  void tell_started(caf::typed_response_promise<bool>& promise) const {
    if (start_error)
      promise.deliver(caf::error{start_error});
    else
      promise.deliver(true);
  }

  /// The last domain that lives is stopped; when none is left, so is this.
  void stop_next() {
    stopping = true;
    for (auto d = domains.rbegin(); d != domains.rend(); ++d)
      if (d->supervisor)
        return self->send_exit(d->supervisor, caf::exit_reason::user_shutdown);
    self->quit(caf::exit_reason::user_shutdown);
  }

  caf::event_based_actor* self;
  std::vector<domain> domains;
  std::function<void(const std::string&)> fatal;
  bool stopping = false;
  bool started = false; ///< all domains, or it failed
  caf::error start_error;
  std::vector<caf::typed_response_promise<bool>> waiting; ///< for the start
  static inline constexpr const char* name = "root";
};

caf::behavior root_behavior(caf::stateful_actor<root_state>* self, std::vector<supervision> domains,
                            std::function<void(const std::string&)> fatal) {
  auto& st = self->state;
  st.fatal = std::move(fatal);
  self->set_down_handler([self](caf::down_msg& m) { self->state.on_down(m); });
  self->set_exit_handler([self](caf::exit_msg&) {
    if (!self->state.stopping)
      self->state.stop_next();
  });
  for (auto& d : domains)
    st.domains.push_back({std::move(d), nullptr, 0});
  st.start_from(0);
  // Answers when every domain has started its shards.
  return {[self](caf::ok_atom) -> caf::result<bool> {
    auto promise = self->make_response_promise<bool>();
    if (self->state.started)
      self->state.tell_started(promise);
    else
      self->state.waiting.push_back(promise);
    return promise;
  }};
}

} // namespace

caf::actor spawn_supervisor(caf::actor_system& sys, supervision what) {
  return sys.spawn(supervisor_behavior, std::move(what));
}

caf::actor spawn_root(caf::actor_system& sys, std::vector<supervision> domains,
                      std::function<void(const std::string&)> fatal) {
  return sys.spawn(root_behavior, std::move(domains), std::move(fatal));
}

} // namespace souk::actors
