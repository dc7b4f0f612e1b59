-- A journal as version 8 of its schema was written: dumped from a file that the Inlay of then made.
BEGIN TRANSACTION;
CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    facts TEXT NOT NULL,
    sha256 TEXT NOT NULL
);
CREATE TABLE events (
    number INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    time_unix_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    facts TEXT NOT NULL,
    picture BLOB,
    variation INTEGER,
    PRIMARY KEY (number, seq)
);
INSERT INTO "events" VALUES(1,1,1796070491904,'variation','{"variation":{"index":0,"seed":7,"result":{"Patch":{"bounds":[0,0,8,8],"pixels":{"width":8,"height":8,"order":"RGBA","sample_type":"u8","white_level":255.0,"profile":"sRGB","blob":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","icc":"sha256:d53c8b9dec546233ab23d74e73b92f5dac25c326cd70eddaa18710ee217efc04"},"mask":{"width":8,"height":8,"order":"Y","sample_type":"u8","white_level":255.0,"profile":"","blob":"fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108","icc":""}}},"report":{"ring_delta_e_before":1.0,"ring_delta_e_after":0.5,"notes":["soft"],"details":{},"suggested":{}},"receipt":{"engine":"test"}},"thumbnail":""}',NULL,0);
INSERT INTO "events" VALUES(1,2,1796070491915,'done','{"seconds":1.5}',NULL,NULL);
INSERT INTO "events" VALUES(2,1,1796070491949,'loading','{"what":"classic"}',NULL,NULL);
INSERT INTO "events" VALUES(2,2,1796070491950,'step','{"index":1,"total":4,"phase":"painting","eta_s":null}',NULL,NULL);
INSERT INTO "events" VALUES(2,3,1796070491950,'variation','{"variation":{"index":0,"seed":7,"result":{"Patch":{"bounds":[0,0,8,8],"pixels":{"width":8,"height":8,"order":"RGBA","sample_type":"u8","white_level":255.0,"profile":"sRGB","blob":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","icc":"sha256:d53c8b9dec546233ab23d74e73b92f5dac25c326cd70eddaa18710ee217efc04"},"mask":{"width":8,"height":8,"order":"Y","sample_type":"u8","white_level":255.0,"profile":"","blob":"fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108","icc":""}}},"report":{"ring_delta_e_before":1.0,"ring_delta_e_after":0.5,"notes":["soft"],"details":{},"suggested":{}},"receipt":{"engine":"test"}},"thumbnail":""}',NULL,0);
INSERT INTO "events" VALUES(2,4,1796070491953,'preview','{"variation":0,"size":[2,1],"bounds":[0,0,8,8],"rgb":""}',X'070707070707',NULL);
INSERT INTO "events" VALUES(4,1,1796070491977,'cancelled','{}',NULL,NULL);
INSERT INTO "events" VALUES(5,1,1796070492004,'failed','{"code":"INTERNAL","message":"why it was","field":""}',NULL,NULL);
CREATE TABLE grants (
    sha256 TEXT NOT NULL,
    principal TEXT NOT NULL,
    time_unix_ms INTEGER NOT NULL,
    PRIMARY KEY (sha256, principal)
);
CREATE TABLE history (
    number INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    variation INTEGER NOT NULL,
    verb TEXT NOT NULL,
    words TEXT NOT NULL,
    model TEXT NOT NULL,
    seed INTEGER NOT NULL,
    seconds REAL,
    thumbnail BLOB,
    PRIMARY KEY (number, variation)
);
INSERT INTO "history" VALUES(1,0,'erase','a kite  test','test',7,NULL,NULL);
INSERT INTO "history" VALUES(2,0,'erase','two clouds  test','test',7,NULL,NULL);
CREATE TABLE inputs (
    number INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (number, sha256)
);
INSERT INTO "inputs" VALUES(1,'40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880');
INSERT INTO "inputs" VALUES(1,'fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108');
INSERT INTO "inputs" VALUES(2,'40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880');
INSERT INTO "inputs" VALUES(2,'fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108');
INSERT INTO "inputs" VALUES(3,'40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880');
INSERT INTO "inputs" VALUES(3,'fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108');
INSERT INTO "inputs" VALUES(4,'40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880');
INSERT INTO "inputs" VALUES(4,'fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108');
INSERT INTO "inputs" VALUES(5,'40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880');
INSERT INTO "inputs" VALUES(5,'fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108');
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id TEXT NOT NULL UNIQUE,
    recipe TEXT NOT NULL,
    recipe_sha256 TEXT NOT NULL,
    label TEXT NOT NULL,
    state TEXT NOT NULL,
    submitted_unix_ms INTEGER NOT NULL,
    ended_unix_ms INTEGER,
    last_seq INTEGER NOT NULL DEFAULT 0,
    variations_done INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    deaths INTEGER NOT NULL DEFAULT 0
, old_since_ms INTEGER, lane TEXT NOT NULL DEFAULT 'final', parent TEXT NOT NULL DEFAULT '', batch TEXT NOT NULL DEFAULT '', device TEXT NOT NULL DEFAULT '', person TEXT NOT NULL DEFAULT 'owner', project TEXT NOT NULL DEFAULT '');
INSERT INTO "jobs" VALUES(1,'00000001-0000-4000-8000-000000000000','{"canvas":{"document":[8,8],"source":{"blob":"40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880","height":8,"icc":"sha256:d53c8b9dec546233ab23d74e73b92f5dac25c326cd70eddaa18710ee217efc04","order":"RGBA","profile":"sRGB","sample_type":"u8","white_level":255.0,"width":8},"window":[0,0,8,8]},"inputs":[],"options":{},"sampling":{"count":1,"model":"","resolved":null,"seed":3,"strength":1.0,"style":"","tier":"standard"},"styled":null,"verb":"erase","where":{"feather_px":0,"grow_px":0,"mask":{"blob":"fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108","height":8,"icc":"","order":"Y","profile":"","sample_type":"u8","white_level":255.0,"width":8},"region":[0,0,8,8]},"words":{"negative_prompt":"","prompt":"A kite","raw":false,"surroundings":"","target_color":""}}','30b8ea278b905a2cfc746dda89cc205c79e5b666a6c71a0474da5049495ad489','hero','done',1796070491870,1796070491915,2,1,1,0,NULL,'final','','','cpu','owner','');
INSERT INTO "jobs" VALUES(2,'00000002-0000-4000-8000-000000000000','{"canvas":{"document":[8,8],"source":{"blob":"40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880","height":8,"icc":"sha256:d53c8b9dec546233ab23d74e73b92f5dac25c326cd70eddaa18710ee217efc04","order":"RGBA","profile":"sRGB","sample_type":"u8","white_level":255.0,"width":8},"window":[0,0,8,8]},"inputs":[],"options":{},"sampling":{"count":2,"model":"","resolved":null,"seed":5,"strength":1.0,"style":"","tier":"standard"},"styled":null,"verb":"erase","where":{"feather_px":0,"grow_px":0,"mask":{"blob":"fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108","height":8,"icc":"","order":"Y","profile":"","sample_type":"u8","white_level":255.0,"width":8},"region":[0,0,8,8]},"words":{"negative_prompt":"","prompt":"two clouds","raw":false,"surroundings":"","target_color":""}}','f21d6bd207ec4e6dbc803f13e9969cced68d9366b6e871420e88cc1a63225093','','running',1796070491924,NULL,4,1,1,0,NULL,'final','','','cpu','owner','');
INSERT INTO "jobs" VALUES(3,'00000003-0000-4000-8000-000000000000','{"canvas":{"document":[8,8],"source":{"blob":"40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880","height":8,"icc":"sha256:d53c8b9dec546233ab23d74e73b92f5dac25c326cd70eddaa18710ee217efc04","order":"RGBA","profile":"sRGB","sample_type":"u8","white_level":255.0,"width":8},"window":[0,0,8,8]},"inputs":[],"options":{},"sampling":{"count":1,"model":"","resolved":null,"seed":9,"strength":1.0,"style":"","tier":"standard"},"styled":null,"verb":"erase","where":{"feather_px":0,"grow_px":0,"mask":{"blob":"fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108","height":8,"icc":"","order":"Y","profile":"","sample_type":"u8","white_level":255.0,"width":8},"region":[0,0,8,8]},"words":{"negative_prompt":"","prompt":"a boat","raw":false,"surroundings":"","target_color":""}}','19c678e970c1eb4ff87cb6a8d81e79a24ff703491f5139933e2113d47a36a4d2','hero','queued',1796070491954,NULL,0,0,0,0,NULL,'final','','','','owner','');
INSERT INTO "jobs" VALUES(4,'00000004-0000-4000-8000-000000000000','{"canvas":{"document":[8,8],"source":{"blob":"40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880","height":8,"icc":"sha256:d53c8b9dec546233ab23d74e73b92f5dac25c326cd70eddaa18710ee217efc04","order":"RGBA","profile":"sRGB","sample_type":"u8","white_level":255.0,"width":8},"window":[0,0,8,8]},"inputs":[],"options":{},"sampling":{"count":1,"model":"","resolved":null,"seed":0,"strength":1.0,"style":"","tier":"standard"},"styled":null,"verb":"erase","where":{"feather_px":0,"grow_px":0,"mask":{"blob":"fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108","height":8,"icc":"","order":"Y","profile":"","sample_type":"u8","white_level":255.0,"width":8},"region":[0,0,8,8]},"words":{"negative_prompt":"","prompt":"nothing","raw":false,"surroundings":"","target_color":""}}','87f58d6caa11a2c30ab22ff4351b04db18035c1416f645e7b64fdc21d1520ba7','','cancelled',1796070491964,1796070491977,1,0,0,0,NULL,'final','','','','owner','');
INSERT INTO "jobs" VALUES(5,'00000005-0000-4000-8000-000000000000','{"canvas":{"document":[8,8],"source":{"blob":"40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880","height":8,"icc":"sha256:d53c8b9dec546233ab23d74e73b92f5dac25c326cd70eddaa18710ee217efc04","order":"RGBA","profile":"sRGB","sample_type":"u8","white_level":255.0,"width":8},"window":[0,0,8,8]},"inputs":[],"options":{},"sampling":{"count":1,"model":"","resolved":null,"seed":0,"strength":1.0,"style":"","tier":"standard"},"styled":null,"verb":"erase","where":{"feather_px":0,"grow_px":0,"mask":{"blob":"fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108","height":8,"icc":"","order":"Y","profile":"","sample_type":"u8","white_level":255.0,"width":8},"region":[0,0,8,8]},"words":{"negative_prompt":"","prompt":"too much","raw":false,"surroundings":"","target_color":""}}','57bc2ce43b03bf0686f04058689a420cfceb809a5afde8f8771f1ba0d2940b05','','failed',1796070491994,1796070492004,1,0,0,0,NULL,'final','','','','owner','');
CREATE TABLE profile_uses (
    number INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    sha256 TEXT NOT NULL REFERENCES profiles,
    PRIMARY KEY (number, sha256)
);
INSERT INTO "profile_uses" VALUES(1,'d53c8b9dec546233ab23d74e73b92f5dac25c326cd70eddaa18710ee217efc04');
INSERT INTO "profile_uses" VALUES(2,'d53c8b9dec546233ab23d74e73b92f5dac25c326cd70eddaa18710ee217efc04');
INSERT INTO "profile_uses" VALUES(3,'d53c8b9dec546233ab23d74e73b92f5dac25c326cd70eddaa18710ee217efc04');
INSERT INTO "profile_uses" VALUES(4,'d53c8b9dec546233ab23d74e73b92f5dac25c326cd70eddaa18710ee217efc04');
INSERT INTO "profile_uses" VALUES(5,'d53c8b9dec546233ab23d74e73b92f5dac25c326cd70eddaa18710ee217efc04');
CREATE TABLE profiles (
    sha256 TEXT PRIMARY KEY,
    icc BLOB NOT NULL
);
INSERT INTO "profiles" VALUES('d53c8b9dec546233ab23d74e73b92f5dac25c326cd70eddaa18710ee217efc04',X'612070726F66696C65206F66207468652073747564696F2773207072696E746572');
CREATE TABLE ratings (
    number INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    variation INTEGER NOT NULL,
    rating TEXT NOT NULL,
    time_unix_ms INTEGER NOT NULL,
    PRIMARY KEY (number, variation)
);
INSERT INTO "ratings" VALUES(1,0,'kept',1796070491923);
CREATE TABLE results (
    number INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    sha256 TEXT NOT NULL,
    fetched INTEGER NOT NULL,
    PRIMARY KEY (number, sha256)
);
INSERT INTO "results" VALUES(1,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',0);
INSERT INTO "results" VALUES(1,'fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108',1);
INSERT INTO "results" VALUES(2,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',0);
INSERT INTO "results" VALUES(2,'fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108',1);
CREATE TABLE review_events (
    review INTEGER NOT NULL REFERENCES reviews,
    seq INTEGER NOT NULL,
    time_unix_ms INTEGER NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (review, seq)
);
CREATE TABLE review_jobs (
    review INTEGER NOT NULL REFERENCES reviews,
    number INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    PRIMARY KEY (review, number)
);
CREATE TABLE review_links (
    token_sha256 TEXT PRIMARY KEY,
    review INTEGER NOT NULL REFERENCES reviews,
    reviewer INTEGER NOT NULL
);
CREATE TABLE reviews (
    review INTEGER PRIMARY KEY AUTOINCREMENT,
    review_id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    needs_all INTEGER NOT NULL,
    created_unix_ms INTEGER NOT NULL,
    open_until_ms INTEGER NOT NULL DEFAULT 0
, person TEXT NOT NULL DEFAULT 'owner', project TEXT NOT NULL DEFAULT '');
CREATE TABLE timings (
    engine TEXT NOT NULL,
    verb TEXT NOT NULL,
    tier TEXT NOT NULL,
    device TEXT NOT NULL DEFAULT '',
    time_unix_ms INTEGER NOT NULL,
    seconds_per_megapixel REAL NOT NULL
);
INSERT INTO "timings" VALUES('classic','erase','standard','cpu',1796070492021,2.0);
CREATE INDEX jobs_by_state ON jobs (state);
CREATE UNIQUE INDEX variation_once ON events (number, variation) WHERE kind = 'variation';
CREATE INDEX previews ON events (number) WHERE kind = 'preview';
CREATE INDEX results_by_name ON results (sha256);
CREATE INDEX jobs_by_batch ON jobs (batch) WHERE batch <> '';
CREATE INDEX timings_by_engine ON timings (engine, verb, tier, device, time_unix_ms);
CREATE INDEX jobs_by_label ON jobs (label);
CREATE INDEX review_jobs_by_number ON review_jobs (number);
CREATE TRIGGER review_events_no_UPDATE BEFORE UPDATE ON review_events
    BEGIN SELECT RAISE(ABORT, 'what happened in a review is never changed'); END;
CREATE TRIGGER review_events_no_DELETE BEFORE DELETE ON review_events
    BEGIN SELECT RAISE(ABORT, 'what happened in a review is never changed'); END;
CREATE INDEX jobs_by_person ON jobs (person, number);
CREATE TRIGGER audit_no_UPDATE BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'what was noted is never changed'); END;
CREATE TRIGGER audit_no_DELETE BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'what was noted is never changed'); END;
CREATE INDEX jobs_by_end ON jobs (ended_unix_ms);
CREATE INDEX results_unfetched ON results (number) WHERE NOT fetched;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('jobs',5);
COMMIT;
PRAGMA user_version = 8;
