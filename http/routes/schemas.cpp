#include "http/routes/schemas.hpp"

#include "actors/domain/login.hpp"
#include "actors/domain/order.hpp"
#include "actors/domain/product.hpp"
#include "actors/user/passwords.hpp"
#include "http/routes/common_passwords.hpp"
#include "http/routes/views.hpp"

namespace souk::http::schemas {
namespace {

std::string_view check_cursor(std::string_view text) {
  return decode_cursor(text) ? "" : "is not a cursor of this list";
}

std::string_view check_user_cursor(std::string_view text) {
  return decode_user_cursor(text) ? "" : "is not a cursor of this list";
}

std::string_view check_bcrypt(std::string_view text) {
  return actors::is_bcrypt_hash(text) ? ""
                                      : "must be a bcrypt hash ($2a$, $2b$ or $2y$) of cost "
                                        "4 to 14";
}

std::string_view check_username(std::string_view text) {
  if (text.find('@') != std::string_view::npos)
    return ""; // it must be this account's e-mail address, which is checked as such
  return domain::is_username(text)
           ? ""
           : "may have up to 64 letters a to z, digits and . _ - + only, or be the account's "
             "e-mail address";
}

std::string_view check_email(std::string_view text) {
  return domain::is_email_address(text) ? "" : "must be an e-mail address";
}

std::string_view check_password(std::string_view text) {
  return is_common_password(text) ? "is among the most common passwords: choose another" : "";
}

const schema text_200{.min = 1, .max = 200};
const schema short_text{.max = 100};
const schema answer_text{};
const schema id{.kind = schema_kind::integer, .min = 1};
const schema count{.kind = schema_kind::integer, .min = 0, .max = domain::max_quantity};
const schema any_count{.kind = schema_kind::integer, .min = 0};
const schema uuid{.kind = schema_kind::uuid};
const schema amount{.kind = schema_kind::amount, .description = "units of the shop's currency"};

const schema username{
  .description =
    "3 to 64 letters a to z (either case), digits and . _ - +, or the account's e-mail "
    "address; taken by whoever has it in any case",
  .min = 3,
  .max = 254,
  .pattern = "^([A-Za-z0-9._+-]{3,64}|[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,252})$",
  .check = check_username};
const schema email{.min = 3, .max = 254, .check = check_email, .format = "email"};
const schema new_password{.description = "not among the 3,000 most common ones",
                          .min = 8,
                          .max = 128,
                          .check = check_password,
                          .format = "password"};
const schema given_name{.description = "the username or the e-mail address", .min = 1, .max = 254};
const schema given_password{.min = 1, .max = 1024, .format = "password"};
const schema given_token{.min = 1, .max = 8192};

const schema line_quantity{.kind = schema_kind::integer, .min = 1, .max = 1'000'000};
const schema order_item{.kind = schema_kind::object,
                        .name = "OrderItemRequest",
                        .fields = {{"product_id", &id, true}, {"quantity", &line_quantity, true}}};
const schema order_items{.kind = schema_kind::array,
                         .description = "the same product twice is added up",
                         .min = 1,
                         .max = domain::max_order_lines,
                         .items = &order_item};
const schema note{.max = 1000};
const schema expected_total{.kind = schema_kind::money,
                            .description = "an order that comes to another total is refused"};

} // namespace

const schema address{.kind = schema_kind::object,
                     .name = "Address",
                     .fields = {{"street", &text_200, true},
                                {"city", &text_200, true},
                                {"state", &short_text, false, true},
                                {"postal_code", &short_text, false, true},
                                {"country", &text_200, true}}};
const schema outside_id{.description = "the product's external_id, where it has one"};
const schema payment_method{.one_of = {"cash_on_delivery", "prepaid"}};

namespace {

const schema summed_quantity{.kind = schema_kind::integer,
                             .description = "of all lines that were sent with this product",
                             .min = 1};
const schema answer_item{.kind = schema_kind::object,
                         .name = "OrderItem",
                         .fields = {{"id", &id, true},
                                    {"product_id", &id, true},
                                    {"product_name", &answer_text, true},
                                    {"product_price", &amount, true},
                                    {"quantity", &summed_quantity, true},
                                    {"subtotal", &amount, true},
                                    {"external_id", &outside_id}}};
const schema answer_items{.kind = schema_kind::array, .items = &answer_item};
const schema answer_address{.kind = schema_kind::object,
                            .name = "OrderAddress",
                            .fields = {{"street", &answer_text, true},
                                       {"city", &answer_text, true},
                                       {"state", &answer_text, true, true},
                                       {"postal_code", &answer_text, true, true},
                                       {"country", &answer_text, true}}};
const schema role{.one_of = {"USER", "ADMIN"}};
const schema token_type{.one_of = {"bearer"}};
const schema seconds{.kind = schema_kind::integer, .description = "seconds"};
const schema boolean{.kind = schema_kind::boolean};

const schema problem_error{
  .kind = schema_kind::object,
  .fields = {{"pointer", &answer_text, true}, {"detail", &answer_text, true}}};
const schema problem_errors{.kind = schema_kind::array,
                            .description = "what is wrong, by JSON pointer (RFC 6901); "
                                           "`/query/...` is a query parameter",
                            .items = &problem_error};
const schema problem_price{.kind = schema_kind::object,
                           .fields = {{"product_id", &id, true},
                                      {"old_price", &amount, true},
                                      {"new_price", &amount, true}}};
const schema problem_prices{.kind = schema_kind::array,
                            .description = "what `price_changed` is about",
                            .items = &problem_price};
const schema problem_shortage{.kind = schema_kind::object,
                              .fields = {{"product_id", &id, true},
                                         {"requested", &any_count, true},
                                         {"available", &any_count, true}}};
const schema problem_shortages{
  .kind = schema_kind::array, .description = "with `out_of_stock`", .items = &problem_shortage};
const schema http_status{.kind = schema_kind::integer, .min = 400, .max = 599};
const schema item_status{.kind = schema_kind::integer, .min = 200, .max = 599};

} // namespace

const schema register_request{.kind = schema_kind::object,
                              .name = "RegisterRequest",
                              .fields = {{"username", &username, true},
                                         {"password", &new_password, true},
                                         {"email", &email, false, true},
                                         {"first_name", &short_text, false, true},
                                         {"last_name", &short_text, false, true},
                                         {"full_name", &text_200, false, true},
                                         {"phone", &short_text, false, true}}};
const schema login_request{
  .kind = schema_kind::object,
  .name = "LoginRequest",
  .fields = {{"username", &given_name, true}, {"password", &given_password, true}}};
const schema verify_request{
  .kind = schema_kind::object, .name = "VerifyRequest", .fields = {{"token", &given_token, true}}};
const schema refresh_request{.kind = schema_kind::object,
                             .name = "RefreshRequest",
                             .fields = {{"refresh_token", &given_token, true}}};
const schema password_change{
  .kind = schema_kind::object,
  .name = "PasswordChange",
  .fields = {{"old_password", &given_password, true}, {"new_password", &new_password, true}}};
const schema password_forgot{
  .kind = schema_kind::object, .name = "PasswordForgot", .fields = {{"email", &email, true}}};
const schema password_reset{
  .kind = schema_kind::object,
  .name = "PasswordReset",
  .fields = {{"token", &given_token, true}, {"new_password", &new_password, true}}};
const schema profile_change{.kind = schema_kind::object,
                            .name = "ProfileChange",
                            .description = "fields not sent stay, null clears",
                            .fields = {{"username", &username},
                                       {"email", &email, false, true},
                                       {"first_name", &short_text, false, true},
                                       {"last_name", &short_text, false, true},
                                       {"full_name", &text_200, false, true},
                                       {"phone", &short_text, false, true}}};
const schema profile_put{.kind = schema_kind::object,
                         .name = "ProfilePut",
                         .description = "fields not sent stay; null clears, but leaves username "
                                        "and email as they are",
                         .fields = {{"username", &username, false, true},
                                    {"email", &email, false, true},
                                    {"first_name", &short_text, false, true},
                                    {"last_name", &short_text, false, true},
                                    {"full_name", &text_200, false, true},
                                    {"phone", &short_text, false, true}}};
const schema given_role{.one_of = {"USER", "ADMIN"}};
const schema given_flag{.kind = schema_kind::boolean};
const schema user_change{
  .kind = schema_kind::object,
  .name = "UserChange",
  .fields = {{"disabled", &given_flag}, {"role", &given_role}, {"password", &new_password}},
  .min_fields = 1};
const schema role_change{
  .kind = schema_kind::object, .name = "RoleChange", .fields = {{"role", &given_role, true}}};
const schema bcrypt_hash{.description = "of another system: $2a$, $2b$ or $2y$",
                         .min = 60,
                         .max = 60,
                         .check = check_bcrypt};
const schema user_import_item{.kind = schema_kind::object,
                              .name = "UserImportItem",
                              .fields = {{"username", &username, true},
                                         {"email", &email, false, true},
                                         {"first_name", &short_text, false, true},
                                         {"last_name", &short_text, false, true},
                                         {"full_name", &text_200, false, true},
                                         {"phone", &short_text, false, true},
                                         {"role", &given_role, false, true},
                                         {"password", &new_password, false, true},
                                         {"password_hash", &bcrypt_hash, false, true}}};
const schema import_anything{.kind = schema_kind::object,
                             .description = "see UserImportItem; what is wrong with one is said in "
                                            "its result"};
const schema import_items{
  .kind = schema_kind::array, .min = 1, .max = 500, .items = &import_anything};
const schema user_import{
  .kind = schema_kind::object, .name = "UserImport", .fields = {{"items", &import_items, true}}};
const schema address_request{.kind = schema_kind::object,
                             .name = "AddressRequest",
                             .fields = {{"street", &text_200, true},
                                        {"city", &text_200, true},
                                        {"state", &short_text, false, true},
                                        {"postal_code", &short_text, false, true},
                                        {"country", &text_200, true},
                                        {"is_default", &given_flag, false, true}}};

const schema order_create{.kind = schema_kind::object,
                          .name = "OrderCreate",
                          .fields = {{"items", &order_items, true},
                                     {"payment_method", &payment_method, false, true},
                                     {"shipping_address", &address, false, true},
                                     {"shipping_address_id", &id, false, true},
                                     {"note", &note, false, true},
                                     {"expected_total", &expected_total, false, true}}};
const schema order_status{
  .one_of = {"pending", "confirmed", "paid", "shipped", "delivered", "cancelled", "returned"}};
const schema order_change{
  .kind = schema_kind::object, .name = "OrderChange", .fields = {{"status", &order_status, true}}};

const schema time{.kind = schema_kind::time};

const schema user{.kind = schema_kind::object,
                  .name = "User",
                  .fields = {{"id", &uuid, true},
                             {"username", &answer_text, true},
                             {"email", &answer_text, true, true},
                             {"first_name", &answer_text, true, true},
                             {"last_name", &answer_text, true, true},
                             {"full_name", &answer_text, true, true},
                             {"phone", &answer_text, true, true},
                             {"role", &role, true},
                             {"disabled", &boolean, true},
                             {"created_at", &time, true},
                             {"updated_at", &time, true}}};
const schema users{.kind = schema_kind::array, .items = &user};
const schema kept_address{.kind = schema_kind::object,
                          .name = "KeptAddress",
                          .fields = {{"id", &id, true},
                                     {"street", &answer_text, true},
                                     {"city", &answer_text, true},
                                     {"state", &answer_text, true, true},
                                     {"postal_code", &answer_text, true, true},
                                     {"country", &answer_text, true},
                                     {"is_default", &boolean, true}}};
const schema kept_addresses{.kind = schema_kind::array, .items = &kept_address};
const schema import_result{.kind = schema_kind::object,
                           .name = "UserImportResult",
                           .fields = {{"status", &item_status, true},
                                      {"id", &uuid, false, true},
                                      {"code", &answer_text},
                                      {"detail", &answer_text},
                                      {"errors", &problem_errors}}};
const schema import_result_list{.kind = schema_kind::array, .items = &import_result};
const schema user_import_results{.kind = schema_kind::object,
                                 .name = "UserImportResults",
                                 .fields = {{"results", &import_result_list, true}}};
const schema token{.kind = schema_kind::object,
                   .name = "Token",
                   .fields = {{"access_token", &answer_text, true},
                              {"token_type", &token_type, true},
                              {"expires_in", &seconds, true},
                              {"refresh_token", &answer_text, true}}};
const schema token_state{.kind = schema_kind::object,
                         .name = "TokenState",
                         .fields = {{"valid", &boolean, true},
                                    {"user_id", &uuid, true, true},
                                    {"role", &role, true, true},
                                    {"username", &answer_text, true, true}}};
const schema order{.kind = schema_kind::object,
                   .name = "Order",
                   .fields = {{"id", &id, true},
                              {"order_number", &answer_text, true},
                              {"user_id", &uuid, true},
                              {"status", &order_status, true},
                              {"items", &answer_items, true},
                              {"total_quantity", &any_count, true},
                              {"total_amount", &amount, true},
                              {"currency", &answer_text, true},
                              {"payment_method", &payment_method, true},
                              {"shipping_address", &answer_address, true, true},
                              {"note", &answer_text, true, true},
                              {"created_at", &time, true},
                              {"updated_at", &time, true},
                              {"version", &any_count, true}}};
const schema orders{.kind = schema_kind::array, .items = &order};
const schema status{
  .kind = schema_kind::object, .name = "Status", .fields = {{"status", &answer_text, true}}};
const schema message{
  .kind = schema_kind::object, .name = "Message", .fields = {{"message", &answer_text, true}}};
const schema problem{.kind = schema_kind::object,
                     .name = "Problem",
                     .description = "RFC 9457",
                     .fields = {{"type", &answer_text, true},
                                {"title", &answer_text, true},
                                {"status", &http_status, true},
                                {"detail", &answer_text, true},
                                {"instance", &answer_text, true},
                                {"code", &answer_text, true},
                                {"errors", &problem_errors},
                                {"shortages", &problem_shortages},
                                {"prices", &problem_prices}}};

const schema openapi{.kind = schema_kind::object, .description = "OpenAPI 3.1"};
const schema plain_text{};

const schema page_limit{
  .kind = schema_kind::integer, .description = "default 100", .min = 1, .max = 500};
const schema cursor{
  .description = "from the Link of the page before", .min = 1, .max = 64, .check = check_cursor};
const schema user_cursor{.description = "from the Link of the page before",
                         .min = 1,
                         .max = 64,
                         .check = check_user_cursor};
const schema given_login{.min = 1, .max = 254};
const schema user_id{.kind = schema_kind::uuid};
} // namespace souk::http::schemas
