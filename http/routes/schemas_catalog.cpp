// The bodies and query parameters of products, categories and stock.
#include "actors/domain/product.hpp"
#include "http/routes/schemas.hpp"
#include "http/routes/views.hpp"

#include <algorithm>

namespace souk::http::schemas {
namespace {

std::string_view check_product_cursor(std::string_view text) {
  return decode_product_cursor(text) ? "" : "is not a cursor of this list";
}

/// An absolute http or https URL, as far as nobody is harmed by it.
std::string_view check_url(std::string_view text) {
  auto rest = text;
  for (const std::string_view scheme : {"https://", "http://"})
    if (rest.substr(0, scheme.size()) == scheme)
      rest.remove_prefix(scheme.size());
  const bool sane =
    rest.size() < text.size() && !rest.empty() && rest.front() != '/'
    && std::all_of(rest.begin(), rest.end(), [](char c) {
         const auto u = static_cast<unsigned char>(c);
         return u > 0x20 && u != 0x7f
                && std::string_view{"\"<>\\^`{|}"}.find(c) == std::string_view::npos;
       });
  return sane ? "" : "must be a URL that begins with https:// or http://";
}

const schema text_200{.min = 1, .max = 200};
const schema answer_text{};
const schema id{.kind = schema_kind::integer, .min = 1};
const schema count{.kind = schema_kind::integer, .min = 0, .max = domain::max_quantity};
const schema any_count{.kind = schema_kind::integer, .min = 0};
const schema amount{.kind = schema_kind::amount, .description = "units of the shop's currency"};

const schema price{.kind = schema_kind::money,
                   .description = "units of the shop's currency, exact, with at most its number of "
                                  "decimal digits; a number or a string with one"};
const schema product_name{.min = 1, .max = 200};
const schema product_detail{.max = 10'000};
const schema category{.kind = schema_kind::integer, .description = "0: none", .min = 0};
const schema external_id{.description =
                           "what another system calls it; no two products have the same",
                         .min = 1,
                         .max = 200};
const schema price_currency{
  .description = "of the price; another one than the shop's is refused", .min = 1, .max = 10};
const schema image_url{.min = 1, .max = 2'000, .check = check_url, .format = "uri"};
const schema category_name{.min = 1, .max = 200};
const schema parent{.kind = schema_kind::integer, .description = "0: a root", .min = 0};

const schema reason{.description = "kept with the movement", .min = 1, .max = 200};
const schema delta{
  .kind = schema_kind::integer, .min = -domain::max_quantity, .max = domain::max_quantity};

const schema import_error{
  .kind = schema_kind::object,
  .fields = {{"pointer", &answer_text, true}, {"detail", &answer_text, true}}};
const schema import_errors{.kind = schema_kind::array,
                           .description = "what is wrong, by JSON pointer into the request",
                           .items = &import_error};

} // namespace

const schema product_create{.kind = schema_kind::object,
                            .name = "ProductCreate",
                            .fields = {{"name", &product_name, true},
                                       {"price", &price, true},
                                       {"detail", &product_detail, false, true},
                                       {"category_id", &category, false, true},
                                       {"quantity", &count, false, true},
                                       {"external_id", &external_id, false, true},
                                       {"image_url", &image_url, false, true}}};
const schema product_replace{.kind = schema_kind::object,
                             .name = "ProductReplace",
                             .fields = {{"name", &product_name, true},
                                        {"price", &price, true},
                                        {"detail", &product_detail, false, true},
                                        {"category_id", &category, false, true},
                                        {"external_id", &external_id, false, true},
                                        {"image_url", &image_url, false, true}}};
const schema product_change{.kind = schema_kind::object,
                            .name = "ProductChange",
                            .fields = {{"name", &product_name},
                                       {"price", &price},
                                       {"detail", &product_detail, false, true},
                                       {"category_id", &category, false, true},
                                       {"external_id", &external_id, false, true},
                                       {"image_url", &image_url, false, true}},
                            .min_fields = 1};
const schema import_item{
  .kind = schema_kind::object,
  .name = "ProductImportItem",
  .description = "The product with this external_id is changed, else the one with this id; with "
                 "neither, a product is made. A field that is left out stays as it is.",
  .fields = {{"external_id", &external_id, false, true},
             {"id", &id, false, true},
             {"name", &product_name, true},
             {"price", &price, true},
             {"currency", &price_currency, false, true},
             {"detail", &product_detail, false, true},
             {"category_id", &category, false, true},
             {"quantity", &count, false, true},
             {"image_url", &image_url, false, true}}};
static const schema import_item_unchecked{.kind = schema_kind::object,
                                          .name = import_item.name,
                                          .description = import_item.description,
                                          .fields = import_item.fields,
                                          .unchecked = true};
static const schema import_items{
  .kind = schema_kind::array, .min = 1, .max = 500, .items = &import_item_unchecked};
const schema product_import{
  .kind = schema_kind::object, .name = "ProductImport", .fields = {{"items", &import_items, true}}};

const schema category_create{
  .kind = schema_kind::object,
  .name = "CategoryCreate",
  .fields = {{"name", &category_name, true}, {"parent_id", &parent, false, true}}};
const schema category_replace{
  .kind = schema_kind::object,
  .name = "CategoryReplace",
  .description = "Without parent_id it stays where it is; null or 0 makes it a root.",
  .fields = {{"name", &category_name, true}, {"parent_id", &parent, false, true}}};

const schema stock_set{.kind = schema_kind::object,
                       .name = "StockSet",
                       .fields = {{"stock", &count, true}, {"reason", &reason, false, true}}};
const schema stock_adjust{.kind = schema_kind::object,
                          .name = "StockAdjust",
                          .fields = {{"delta", &delta, true}, {"reason", &reason, true}}};

const schema product{.kind = schema_kind::object,
                     .name = "Product",
                     .fields = {{"id", &id, true},
                                {"external_id", &answer_text, true, true},
                                {"name", &answer_text, true},
                                {"price", &amount, true},
                                {"currency", &answer_text, true},
                                {"detail", &answer_text, true, true},
                                {"image_url", &answer_text, true, true},
                                {"category_id", &id, true, true},
                                {"storage_quantity", &any_count, true},
                                {"created_at", &time, true},
                                {"updated_at", &time, true},
                                {"version", &any_count, true}}};
const schema products{.kind = schema_kind::array, .items = &product};
static const schema import_status{.kind = schema_kind::integer,
                                  .description =
                                    "201 made, 200 changed, else as of a request of its "
                                    "own: 404, 409, 422, 503",
                                  .min = 200,
                                  .max = 599};
static const schema import_result{.kind = schema_kind::object,
                                  .name = "ProductImportResult",
                                  .fields = {{"status", &import_status, true},
                                             {"id", &id, true, true},
                                             {"code", &answer_text},
                                             {"detail", &answer_text},
                                             {"errors", &import_errors}}};
static const schema import_results{
  .kind = schema_kind::array, .description = "in the order of the items", .items = &import_result};
const schema product_imported{.kind = schema_kind::object,
                              .name = "ProductImported",
                              .fields = {{"results", &import_results, true}}};
extern const schema child_categories;
const schema category_view{.kind = schema_kind::object,
                           .name = "Category",
                           .fields = {{"id", &id, true},
                                      {"parent_id", &id, true, true},
                                      {"name", &answer_text, true},
                                      {"level", &any_count, true},
                                      {"children", &child_categories}}};
const schema child_categories{
  .kind = schema_kind::array, .description = "with ?tree=true", .items = &category_view};
const schema categories{.kind = schema_kind::array, .items = &category_view};
static const schema any_integer{
  .kind = schema_kind::integer, .min = -max_safe_integer, .max = max_safe_integer};
static const schema movement{.kind = schema_kind::object,
                             .name = "StockMovement",
                             .fields = {{"id", &id, true},
                                        {"product_id", &id, true},
                                        {"delta", &any_integer, true},
                                        {"reason", &answer_text, true},
                                        {"order_id", &id, true, true},
                                        {"created_at", &time, true}}};
const schema movements{.kind = schema_kind::array, .items = &movement};
const schema stock{.kind = schema_kind::object,
                   .name = "Stock",
                   .fields = {{"product_id", &id, true},
                              {"stock", &any_count, true},
                              {"reserved", &any_count, true},
                              {"available", &any_count, true},
                              {"version", &any_count, true},
                              {"updated_at", &time, true}}};

const schema product_cursor{.description = "from the Link of the page before",
                            .min = 1,
                            .max = 256,
                            .check = check_product_cursor};
const schema search_text{.min = 1, .max = 200};
const schema category_filter{.kind = schema_kind::integer, .min = 1};
const schema price_bound{.kind = schema_kind::money};
const schema flag{.kind = schema_kind::boolean};
const schema product_order{
  .one_of = {"name", "-name", "price", "-price", "created_at", "-created_at", "relevance"}};
const schema external_id_filter{.min = 1, .max = 200};

} // namespace souk::http::schemas
