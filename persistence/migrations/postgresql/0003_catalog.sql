-- Search, sorted lists and images of products; categories that change.
--
-- Words are cut by Souk (actors/domain/words.hpp), so what is searched and sorted by cannot be filled
-- in here: products without a sort key get theirs right after the migrations.
alter table product add column image_url text not null default '';
alter table product add column sort_key text collate "C";  -- null: not filled in yet
alter table product add column search tsvector;             -- the words of name and detail
alter table product add column search_name tsvector;        -- those of the name

create index product_unfilled on product (id) where sort_key is null;
create index product_search on product using gin (search);
create index product_search_name on product using gin (search_name);
create index product_by_name on product (sort_key, id) where deleted = 0;
create index product_by_price on product (price, id) where deleted = 0;
create index product_by_time on product (created_at, id) where deleted = 0;
create index product_category_name on product (category_id, sort_key, id) where deleted = 0;
create index product_category_price on product (category_id, price, id) where deleted = 0;
create index product_category_time on product (category_id, created_at, id) where deleted = 0;

alter table category add column updated_at bigint not null default 0;
update category set updated_at = created_at;
