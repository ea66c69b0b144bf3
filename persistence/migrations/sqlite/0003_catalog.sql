-- Search, sorted lists and images of products; categories that change. See there for PostgreSQL.
--
-- The words are in a table of FTS5 instead, by the product's id: those of the name, and those of the
-- detail.
alter table product add column image_url text not null default '';
alter table product add column sort_key text;

create virtual table product_words using fts5 (name, detail, detail = column, tokenize = 'unicode61');

create index product_unfilled on product (id) where sort_key is null;
create index product_by_name on product (sort_key, id) where deleted = 0;
create index product_by_price on product (price, id) where deleted = 0;
create index product_by_time on product (created_at, id) where deleted = 0;
create index product_category_name on product (category_id, sort_key, id) where deleted = 0;
create index product_category_price on product (category_id, price, id) where deleted = 0;
create index product_category_time on product (category_id, created_at, id) where deleted = 0;

alter table category add column updated_at bigint not null default 0;
update category set updated_at = created_at;
