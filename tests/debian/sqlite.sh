# sqlite3 on a tmpfs: b-trees in files, journals, WAL with shared memory.
sqlite3 t.db <<'END'
create table item(id integer primary key, name text, price real, grp int);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
insert into item select i, printf('item%05d', (i * 7919) % 20000), (i * 31 % 997) / 10.0, i % 17 from n;
create index item_name on item(name);
create index item_grp on item(grp, price);
select count(*), sum(price), min(name), max(name) from item;
select grp, count(*), round(avg(price), 4) from item group by grp order by 1 limit 5;
explain query plan select * from item where name = 'item00042';
select * from item where name between 'item00042' and 'item00045';
begin; delete from item where grp = 3; select count(*) from item; rollback;
select count(*) from item;
begin; update item set price = price * 2 where grp in (1, 2); commit;
select sum(price) from item;
delete from item where id % 3 = 0;
pragma page_count; pragma freelist_count;
vacuum;
pragma page_count; pragma freelist_count; pragma integrity_check;
END
stat -c %s t.db; sqlite3 t.db .dump | sha256sum
sqlite3 t.db 'pragma journal_mode=wal; pragma mmap_size=8388608; insert into item(name) values(1); select count(*) from item;'
(for i in 1 2 3 4; do sqlite3 -cmd '.timeout 20000' t.db "begin immediate; insert into item(name) select 'p$i-' || value from generate_series(1,500); commit;" & done; wait) 2>&1
sqlite3 t.db "select substr(name,1,2), count(*) from item where name like 'p%' group by 1; pragma wal_checkpoint(truncate); pragma integrity_check;"
sqlite3 t.db "create virtual table doc using fts5(body); insert into doc values('a page is four kilobytes'),('a quire is a set of pages'); select body from doc where doc match 'page*' order by 1;"
sqlite3 t.db 'insert into nosuch values(1)' ; echo $?
sqlite3 :memory: "with recursive f(a,b) as (select 0,1 union all select b,a+b from f limit 60) select max(a) from f"
sqlite3 t.db ".backup b.db" && sqlite3 b.db 'select count(*) from item'
ls
