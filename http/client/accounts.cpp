#include "http/client/accounts.hpp"

#include "actors/domain/user.hpp"
#include "http/client/records/raw_json.hpp"

namespace souk::client {
namespace {

constexpr const char* users_path = "/api/v1/users/";

/// The text as a JSON string. Throws client_error, without the text, which may be a password.
std::string checked(const std::string& what, const std::string& text) {
  auto out = json_string(text);
  if (out.empty())
    throw client_error{"the " + what + " is not in UTF-8"};
  return out;
}

std::string id_in(std::string_view user) {
  auto id = text_of(member(user, "id"));
  if (id.empty())
    throw client_error{"the server's answer names no user"};
  return id;
}

std::string id_of(api& shop, const std::string& username) {
  std::string id;
  shop.list("cannot look up the user " + username,
            "/api/v1/users?username=" + url_encoded(username), [&](std::string_view x) {
              // A server that does not know the filter shows others too.
              if (domain::fold_login(text_of(member(x, "username")))
                  == domain::fold_login(username))
                id = id_in(x);
            });
  if (id.empty())
    throw client_error{"there is no user " + username};
  return id;
}

} // namespace

void create_account(const shop_login& who, const new_account& x, const patience& how) {
  std::string body = "{}";
  add_member(body, "username", checked("name", x.username));
  add_member(body, "password", checked("password", x.password));
  if (!x.email.empty())
    add_member(body, "email", checked("e-mail address", x.email));
  api shop{who, how};
  shop.log_in();
  const auto made = shop.fetch("cannot make the user " + x.username, "POST",
                               "/api/v1/auth/register", std::move(body));
  if (x.role != "USER")
    shop.fetch("the user " + x.username + " was made, but not with the role " + x.role, "PATCH",
               users_path + url_encoded(id_in(made)), "{\"role\":" + checked("role", x.role) + "}");
}

void change_account(const shop_login& who, const std::string& username, const account_change& x,
                    const patience& how) {
  checked("name", username);
  std::string body = "{}";
  if (x.disabled)
    add_member(body, "disabled", *x.disabled ? "true" : "false");
  if (x.role)
    add_member(body, "role", checked("role", *x.role));
  if (x.password)
    add_member(body, "password", checked("password", *x.password));
  api shop{who, how};
  shop.log_in();
  shop.fetch("cannot change the user " + username, "PATCH",
             users_path + url_encoded(id_of(shop, username)), std::move(body));
}

} // namespace souk::client
