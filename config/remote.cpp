#include "config/remote.hpp"

#include "config/sources.hpp"
#include "http/client/accounts.hpp"
#include "http/client/export.hpp"
#include "http/client/import.hpp"

#include <unistd.h>

#include <charconv>
#include <iostream>

namespace souk::config {
namespace {

const std::string* given(const parsed& p, const std::string& name) {
  const auto it = p.options.find(name);
  return it == p.options.end() ? nullptr : &it->second;
}

unsigned connections(const parsed& p) {
  constexpr unsigned most = 256;
  const auto* text = given(p, "connections");
  if (!text)
    return client::shop_login{}.connections;
  unsigned out = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), out);
  if (read.ec != std::errc{} || read.ptr != text->data() + text->size() || out < 1 || out > most)
    throw config_error{"souk: --connections: " + in_quotes(*text)
                       + " is not a whole number from 1 to 256"};
  return out;
}

/// The administrator's password is asked for where it is known from nowhere else.
client::shop_login login_of(const parsed& p) {
  client::shop_login out;
  out.url = shop_url(p);
  out.connections = connections(p);
  const auto* name = given(p, "username");
  out.username = name ? *name : p.values.admin.username;
  const auto* password = given(p, "password");
  out.password = password ? *password : p.values.admin.password;
  if (!out.password.empty())
    return out;
  const auto asked = client::ask_password("Password of " + out.username + ": ");
  if (!asked)
    throw config_error{"souk: no password of " + out.username
                       + ": give --password or SOUK_ADMIN_PASSWORD"};
  out.password = *asked;
  return out;
}

client::file_format format_of(const parsed& p, const std::string& file) {
  if (const auto* text = given(p, "format")) {
    if (const auto out = client::parse_format(*text))
      return *out;
    throw config_error{"souk: --format: " + in_quotes(*text) + " is not csv or jsonl"};
  }
  if (const auto out = client::format_of(file))
    return *out;
  if (p.command == "export" && file == "-")
    return client::file_format::csv;
  throw config_error{"souk: " + (file == "-" ? "standard input" : in_quotes(file))
                     + " has no suffix that tells its format: give --format csv or jsonl"};
}

client::table table_of(const parsed& p, bool with_orders) {
  const auto out = client::parse_table(p.rest.at(0));
  if (out && (with_orders || *out != client::table::orders))
    return *out;
  throw config_error{"souk: " + p.command + ": " + in_quotes(p.rest.at(0)) + " is not products"
                     + (with_orders ? ", users or orders" : " or users")};
}

client::console here() {
  return {std::cin, std::cout, std::cerr, ::isatty(STDERR_FILENO) == 1};
}

/// Asked again for as long as the clients' patience is, and heard meanwhile.
client::patience heard() {
  client::patience out;
  out.waits = [](const std::string& why) { std::cerr << "souk: " << why << std::endl; };
  return out;
}

std::string role_in(std::string_view text) {
  std::string out;
  for (char c : text)
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (out != "USER" && out != "ADMIN")
    throw config_error{"souk: " + in_quotes(text) + " is not USER or ADMIN"};
  return out;
}

/// The password that a user shall have, from a pipe or asked for twice.
std::string new_password(const parsed& p, const std::string& name) {
  if (given(p, "password-stdin")) {
    std::string line;
    std::getline(std::cin, line);
    if (line.ends_with('\r'))
      line.pop_back();
    if (line.empty())
      throw config_error{"souk: --password-stdin: standard input has no password"};
    return line;
  }
  const auto first = client::ask_password("New password of " + name + ": ");
  if (!first)
    throw config_error{"souk: no password for " + name + ": give --password-stdin"};
  if (first != client::ask_password("Again: "))
    throw config_error{"souk: that was not the same password"};
  return *first;
}

} // namespace

std::string shop_url(const parsed& p) {
  if (const auto* url = given(p, "url"))
    return *url;
  const auto port = p.values.http.port.empty() ? uint16_t{0} : p.values.http.port.front();
  if (port == 0)
    throw config_error{"souk: http.port does not say where the shop is: give --url"};
  auto host = p.values.http.address;
  if (host == "0.0.0.0")
    host = "127.0.0.1";
  else if (host == "::")
    host = "::1";
  if (host.find(':') != host.npos)
    host = "[" + host + "]";
  const std::string scheme = p.values.http.tls_certificate.empty() ? "http://" : "https://";
  return scheme + host + ":" + std::to_string(port);
}

int import_file(const parsed& p) {
  client::import_options o;
  o.what = table_of(p, false);
  o.file = p.rest.at(1);
  o.format = format_of(p, o.file);
  o.dry_run = given(p, "dry-run") != nullptr;
  const auto to = here();
  if (!o.dry_run)
    client::catch_interrupts();
  return client::import_file(o.dry_run ? client::shop_login{} : login_of(p), o, to);
}

int export_file(const parsed& p) {
  client::export_options o;
  o.what = table_of(p, true);
  o.file = p.rest.size() > 1 ? p.rest.at(1) : "-";
  o.format = format_of(p, o.file);
  const auto to = here();
  return client::export_file(login_of(p), o, to);
}

int change_user(const parsed& p) {
  const auto& verb = p.rest.at(0);
  const auto& name = p.rest.at(1);
  const bool create = verb == "create", role = verb == "role", password = verb == "password";
  if (!create && !role && !password && verb != "disable" && verb != "enable")
    throw config_error{"souk: user: " + in_quotes(verb)
                       + " is not create, role, password, disable or enable"};
  if (p.rest.size() != (role ? 3 : 2))
    throw config_error{"souk: usage: souk user " + verb + " NAME" + (role ? " USER|ADMIN" : "")};
  if ((given(p, "role") || given(p, "email")) && !create)
    throw config_error{"souk: --role and --email are options of user create"};
  if (given(p, "password-stdin") && !create && !password)
    throw config_error{"souk: --password-stdin is an option of user create and user password"};
  if (create) {
    client::new_account x{name, {}, {}, "USER"};
    if (const auto* wanted = given(p, "role"))
      x.role = role_in(*wanted);
    if (const auto* email = given(p, "email"))
      x.email = *email;
    const auto who = login_of(p);
    x.password = new_password(p, name);
    client::create_account(who, x, heard());
    std::cout << "made the user " << name << " (" << x.role << ")" << std::endl;
    return 0;
  }
  client::account_change x;
  if (role)
    x.role = role_in(p.rest.at(2));
  else if (!password)
    x.disabled = verb == "disable";
  const auto who = login_of(p);
  if (password)
    x.password = new_password(p, name);
  client::change_account(who, name, x, heard());
  std::cout << "changed the user " << name << std::endl;
  return 0;
}

} // namespace souk::config
