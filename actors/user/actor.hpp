// The user shard.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/kept_answers.hpp"
#include "actors/runtime/lru_cache.hpp"
#include "actors/runtime/shard.hpp"

#include <caf/stateful_actor.hpp>

#include <string>

namespace souk::actors {

using user_impl =
  user_actor::extend<caf::reacts_to<caf::tick_atom>, caf::reacts_to<caf::timeout_atom>>;

/// One shard of the users. Lives on a scheduler thread; exactly one exists per shard in the whole
/// cluster. Its memory is a cache of committed users, without their hashes; a restart loses
/// nothing. That a name is unique is decided by the database, since names do not lead to shards.
class user_state : public shard_base<user_impl::pointer> {
public:
  explicit user_state(user_impl::pointer ptr) : shard_base{ptr, domain::domain_id::user} {}

  void start(shard_config c, router<writer_actor> writer, router<reader_actor> readers,
             router<password_actor> passwords);

  caf::result<user_answer> add(register_user& cmd);
  caf::result<domain::user> log_in(actors::log_in& cmd);
  caf::result<domain::user> get(const get_user& cmd);

  static inline constexpr const char* name = "user";

private:
  using promise = promised<user_answer>;

  void save(const call& c, const promise& p, domain::user profile, std::string hash);
  void refuse(const call& c, const promise& p, caf::error why);
  domain::uuid new_id();
  void forget() override { users_.clear(); }

  router<reader_actor> readers_;
  router<password_actor> passwords_;
  lru_cache<domain::uuid, domain::user> users_;
  kept_answers<domain::user> answers_;
};

user_impl::behavior_type user_behavior(user_impl::stateful_pointer<user_state> self,
                                       shard_config config, router<writer_actor> writer,
                                       router<reader_actor> readers,
                                       router<password_actor> passwords);

} // namespace souk::actors
