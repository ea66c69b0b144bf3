// The user shard.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/kept_answers.hpp"
#include "actors/runtime/lru_cache.hpp"
#include "actors/runtime/one_at_a_time.hpp"
#include "actors/runtime/shard.hpp"
#include "actors/user/revocations.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>
#include <string>

namespace souk::actors {

using user_impl =
  user_actor::extend<caf::reacts_to<caf::tick_atom>, caf::reacts_to<caf::timeout_atom>>;

struct user_config : shard_config {
  std::chrono::milliseconds token_lifetime{std::chrono::minutes{30}};      ///< of an access token
  std::chrono::milliseconds session_lifetime{std::chrono::hours{24 * 30}}; ///< without any use
  std::chrono::milliseconds reset_lifetime{std::chrono::minutes{30}};
  size_t max_sessions = 20; ///< of one user; the one used least recently makes room
  size_t max_addresses = 50;
};

/// Whom a user shard knows.
struct user_peers {
  router<writer_actor> writer;
  router<reader_actor> readers;
  router<password_actor> passwords;
  router<mailer_actor> mailers;
  std::shared_ptr<actors::revocations> revocations; ///< null: nobody asks for them
};

/// What an edit made of an account. With `refused`, nothing is written, unless `save_anyway`.
template <class T>
struct edited {
  T value{};
  ec refused = ec::none;
  bool save_anyway = false;
};

/// One shard of the users. Lives on a scheduler thread; exactly one exists per shard in the whole
/// cluster. Its memory is a cache of committed accounts, without their passwords' hashes; a restart
/// loses nothing. Changes of one account happen one after the other. That a name is unique is
/// decided by the database, since names do not lead to shards.
class user_state : public shard_base {
public:
  explicit user_state(user_impl::pointer ptr) : shard_base{ptr, domain::domain_id::user} {}

  void start(user_config c, user_peers peers);

  caf::result<user_answer> add(register_user& cmd);
  caf::result<domain::user> get(const get_user& cmd);
  caf::result<user_answer> change(change_user& cmd);
  caf::result<user_answer> remove(const remove_user& cmd);

  // sessions.cpp
  caf::result<password_matched> log_in(actors::log_in& cmd);
  caf::result<session_answer> open(open_session& cmd);
  caf::result<session_answer> refresh(refresh_session& cmd);
  caf::result<user_answer> end(const end_sessions& cmd);
  caf::result<user_answer> change(change_password& cmd);
  caf::result<user_answer> begin(begin_reset& cmd);
  caf::result<user_answer> reset(reset_password& cmd);

  // addresses.cpp
  caf::result<address_list> list(const list_addresses& cmd);
  caf::result<domain::kept_address> get(const get_address& cmd);
  caf::result<address_answer> put(put_address& cmd);
  caf::result<user_answer> remove(const remove_address& cmd);

  /// Any shard can answer this: from the database.
  caf::result<user_page> list(const list_users& cmd) { return self->delegate(readers_.any(), cmd); }

  static inline constexpr const char* name = "user";

private:
  using account_done = std::function<void(const domain::account&)>;
  using failed = std::function<void(caf::error)>;

  /// Changes the copy of an account (its version and nothing else is done for it) and what is
  /// written with it.
  template <class T>
  using edit = std::function<edited<T>(domain::account&, user_row&, write&)>;

  /// A command on one account: kept answers, its turn, the account, the edit, the write.
  template <class T>
  struct change_of {
    actors::call call;
    domain::uuid id;
    promised<answer<T>> promise;
    edit<T> apply;
    ec missing = ec::not_found; ///< said if there is no such account
    std::function<void()> committed = {};
  };

  /// The whole of it, and its second part, for those who have to ask something in between.
  template <class T>
  caf::result<answer<T>> run(const call& c, const domain::uuid& id, edit<T> apply,
                             ec missing = ec::not_found);
  template <class T>
  void take_turn(change_of<T> x);
  template <class T>
  void apply_edit(const change_of<T>& x, const domain::account& old);
  template <class T>
  void save_edit(const change_of<T>& x, write w, domain::account next, edited<T> made);
  template <class T>
  void refuse(const call& c, const promised<answer<T>>& p, caf::error why);
  template <class T>
  kept_answers<T>& answers();

  void with_account(const domain::uuid& id, account_done done, failed no);
  domain::account& remember(const domain::account& x);
  void forget_account(const domain::uuid& id);
  void hash(const std::string& password, std::function<void(std::string)> done, failed no);
  void save(const call& c, const promised<user_answer>& p, domain::user profile, std::string hash);
  void revoke(const std::vector<revocation>& items);
  void end_all_sessions(domain::account& x, write& w);
  session_opened begin_session(domain::account& x, write& w);
  edited<session_opened> rotate(domain::account& x, const refresh_session& cmd, write& w);
  edited<domain::user> change_profile(domain::account& x, const change_user& cmd,
                                      const std::string& hash, user_row& row, write& w);
  void mail_reset(const domain::user& to, const std::string& token);
  domain::uuid new_id();
  void forget() override { accounts_.clear(); }

  user_config rules_;
  router<reader_actor> readers_;
  router<password_actor> passwords_;
  router<mailer_actor> mailers_;
  std::shared_ptr<actors::revocations> revocations_;
  lru_cache<domain::uuid, domain::account> accounts_;
  uint64_t forgotten_ = 0; ///< grows with each account that is forgotten: see with_account
  one_at_a_time<domain::uuid> changing_;
  kept_answers<domain::user> user_answers_;
  kept_answers<domain::kept_address> address_answers_;
  kept_answers<session_opened> session_answers_{1}; ///< always empty: tokens are not kept
};

user_impl::behavior_type user_behavior(user_impl::stateful_pointer<user_state> self,
                                       user_config config, user_peers peers);

} // namespace souk::actors
