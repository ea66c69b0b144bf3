// The user shard's part in logging in and out, and in passwords.
#include "actors/log.hpp"
#include "actors/user/refresh_token.hpp"
#include "actors/user/shared.hpp"

#include <algorithm>

namespace souk::actors {

/// Costs the same whether the user exists or not.
caf::result<password_matched> user_state::log_in(actors::log_in& cmd) {
  promised<password_matched> p{self};
  if (late(cmd.call)) {
    p.fail(ec::overloaded);
    return p.raw();
  }
  ask<credentials>(
    readers_.any(), config.request_timeout, load_credentials{domain::fold_login(cmd.login)},
    [this, p, password = std::move(cmd.password)](credentials& found) mutable {
      ask<password_verified>(
        passwords_.any(), hash_timeout,
        verify_password{std::move(password), found.row.password_hash},
        [p, user = std::move(found.row.user), exists = found.found,
         version = found.row.details.password_version](password_verified& x) {
          if (!x.matches || !exists)
            p.fail(ec::wrong_credentials);
          else if (user.disabled)
            p.fail(ec::account_disabled);
          else
            p.deliver({user, version, std::move(x.new_hash)});
        },
        [p](const caf::error& why) { p.fail(of_read(why)); });
    },
    [p](const caf::error& why) { p.fail(of_read(why)); });
  return p.raw();
}

void user_state::end_all_sessions(domain::account& x, write& w) {
  x.details.sessions.clear();
  w.revocations.push_back({x.user.id, {}, config.now()});
}

session_opened user_state::begin_session(domain::account& x, write& w) {
  const auto now = config.now();
  auto& sessions = x.details.sessions;
  std::erase_if(sessions, [now](const domain::session& s) { return s.expires_at <= now; });
  while (sessions.size() >= rules_.max_sessions) {
    const auto oldest =
      std::min_element(sessions.begin(), sessions.end(),
                       [](const auto& a, const auto& b) { return a.used_at < b.used_at; });
    // Its access token may still be good, and would outlive a change of the password.
    if (oldest->used_at + rules_.token_lifetime.count() > now)
      w.revocations.push_back({x.user.id, oldest->id, now});
    sessions.erase(oldest);
  }
  const refresh_token token{x.user.id, make_session_id(), make_token_secret()};
  sessions.push_back({token.session, hash_token_secret(token.secret), now, now,
                      now + rules_.session_lifetime.count()});
  return {x.user, token.session, to_string(token), now};
}

caf::result<session_answer> user_state::open(open_session& cmd) {
  auto c = cmd.call;
  c.key = {};
  return run<session_opened>(
    c, cmd.user_id,
    [this, cmd](domain::account& x, user_row& row, write& w) -> edited<session_opened> {
      if (x.details.password_version != cmd.password_version)
        return {{}, ec::wrong_credentials};
      if (x.user.disabled)
        return {{}, ec::account_disabled};
      row.password_hash = cmd.new_hash;
      return {begin_session(x, w)};
    },
    ec::wrong_credentials);
}

/// A secret that is not the present one was used before: it was stolen, then or now. Whoever has
/// the present one is not known, so the session ends for both.
edited<session_opened> user_state::rotate(domain::account& x, const refresh_session& cmd,
                                          write& w) {
  const auto now = config.now();
  auto* session = domain::find_session(x.details, cmd.session);
  if (session == nullptr || session->expires_at <= now)
    return {{}, ec::invalid_token};
  if (!token_matches(cmd.secret, session->token_hash)) {
    spdlog::warn("a refresh token of user {} was used twice request_id={}",
                 domain::to_string(x.user.id), cmd.call.request_id);
    std::erase_if(x.details.sessions, [&](const auto& s) { return s.id == cmd.session; });
    w.revocations.push_back({x.user.id, cmd.session, now});
    return {{}, ec::invalid_token, true};
  }
  const refresh_token next{x.user.id, session->id, make_token_secret()};
  session->token_hash = hash_token_secret(next.secret);
  session->used_at = now;
  session->expires_at = now + rules_.session_lifetime.count();
  return {{x.user, next.session, to_string(next), now}};
}

caf::result<session_answer> user_state::refresh(refresh_session& cmd) {
  auto c = cmd.call;
  c.key = {};
  return run<session_opened>(
    c, cmd.user_id,
    [this, cmd](domain::account& x, user_row&, write& w) { return rotate(x, cmd, w); },
    ec::invalid_token);
}

caf::result<user_answer> user_state::end(const end_sessions& cmd) {
  return run<domain::user>(
    cmd.call, cmd.user_id,
    [this, session = cmd.session](domain::account& x, user_row&, write& w) {
      if (session.empty()) {
        end_all_sessions(x, w);
      } else {
        std::erase_if(x.details.sessions, [&](const auto& s) { return s.id == session; });
        w.revocations.push_back({x.user.id, session, config.now()});
      }
      return edited<domain::user>{};
    },
    ec::invalid_token);
}

caf::result<user_answer> user_state::change(change_password& cmd) {
  promised<user_answer> p{self};
  when_ready(cmd.call, p, [this, p, cmd = std::move(cmd)] {
    if (!user_answers_.begin(cmd.call.key, p))
      return;
    const auto no = [=, this](const caf::error& why) {
      user_answers_.fail(cmd.call.key, p, of_read(why));
    };
    const auto save = [=, this](const std::string& made, int64_t version) {
      auto apply = [=, this](domain::account& x, user_row& row, write& w) -> edited<domain::user> {
        if (x.details.password_version != version)
          return {{}, ec::wrong_password};
        row.password_hash = made;
        ++x.details.password_version;
        x.details.reset_hash.clear();
        for (auto& s : x.details.sessions)
          if (s.id != cmd.session)
            w.revocations.push_back({x.user.id, s.id, config.now()});
        std::erase_if(x.details.sessions, [&](const auto& s) { return s.id != cmd.session; });
        return {};
      };
      take_turn<domain::user>({cmd.call, cmd.user_id, p, apply, ec::not_found, {}});
    };
    const auto verified = [=, this](bool matches, int64_t version) {
      if (!matches)
        return refuse<domain::user>(cmd.call, p, caf::make_error(ec::wrong_password));
      hash(
        cmd.new_password, [=](const std::string& made) { save(made, version); }, no);
    };
    ask<credentials>(
      readers_.any(), config.request_timeout, load_password{cmd.user_id},
      [=, this](const credentials& found) {
        ask<password_verified>(
          passwords_.any(), hash_timeout,
          verify_password{cmd.old_password, found.row.password_hash},
          [verified, version = found.row.details.password_version](const password_verified& x) {
            verified(x.matches, version);
          },
          no);
      },
      no);
  });
  return p.raw();
}

void user_state::mail_reset(const domain::user& to, const std::string& token) {
  if (mailers_.size() == 0 || !mailers_.at(0))
    return;
  const auto minutes =
    std::chrono::duration_cast<std::chrono::minutes>(rules_.reset_lifetime).count();
  send_mail mail{to.email, "Your password", {}};
  mail.text = "Somebody, hopefully you, asked to set a new password for the account " + to.username
              + ".\n\nIf it was you, this token sets it. It works once, for "
              + std::to_string(minutes) + " minutes.\n\nToken: " + token
              + "\n\nIf it was not you, nothing has changed and nothing needs to be done.\n";
  caf::anon_send(mailers_.at(0), std::move(mail));
}

caf::result<user_answer> user_state::begin(begin_reset& cmd) {
  promised<user_answer> p{self};
  when_ready(cmd.call, p, [this, p, cmd = std::move(cmd)] {
    if (!user_answers_.begin(cmd.call.key, p))
      return;
    // The profile as it is when the token is stored: the mail goes there.
    auto to = std::make_shared<domain::user>();
    const reset_token token{cmd.user_id, make_token_secret()};
    auto apply = [=, this](domain::account& x, user_row&, write&) -> edited<domain::user> {
      if (x.user.disabled || x.user.email.empty())
        return {{}, ec::not_found};
      *to = x.user;
      x.details.reset_hash = hash_token_secret(token.secret);
      x.details.reset_expires = config.now() + rules_.reset_lifetime.count();
      return {};
    };
    take_turn<domain::user>({cmd.call, cmd.user_id, p, apply, ec::not_found,
                             [=, this] { mail_reset(*to, to_string(token)); }});
  });
  return p.raw();
}

caf::result<user_answer> user_state::reset(reset_password& cmd) {
  promised<user_answer> p{self};
  when_ready(cmd.call, p, [this, p, cmd = std::move(cmd)] {
    if (!user_answers_.begin(cmd.call.key, p))
      return;
    const auto good = [=, this](const domain::account& x) {
      return !x.user.disabled && x.details.reset_expires > config.now()
             && token_matches(cmd.secret, x.details.reset_hash);
    };
    const auto no = [=, this](caf::error why) {
      if (code_of(why) == ec::not_found)
        why = caf::make_error(ec::invalid_reset_token);
      refuse<domain::user>(cmd.call, p, std::move(why));
    };
    const auto save = [=, this](const std::string& made) {
      auto apply = [=, this](domain::account& x, user_row& row, write& w) -> edited<domain::user> {
        if (!good(x))
          return {{}, ec::invalid_reset_token};
        row.password_hash = made;
        ++x.details.password_version;
        x.details.reset_hash.clear();
        x.details.reset_expires = 0;
        end_all_sessions(x, w);
        return {};
      };
      take_turn<domain::user>({cmd.call, cmd.user_id, p, apply, ec::invalid_reset_token, {}});
    };
    // Looked at first, so that a wrong token costs no hash.
    with_account(
      cmd.user_id,
      [=, this](const domain::account& x) {
        if (!good(x))
          return no(caf::make_error(ec::invalid_reset_token));
        hash(cmd.new_password, save,
             [=, this](const caf::error& why) { user_answers_.fail(cmd.call.key, p, why); });
      },
      no);
  });
  return p.raw();
}

} // namespace souk::actors
