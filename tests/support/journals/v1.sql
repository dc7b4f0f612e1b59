-- A journal as version 1 of its schema was written: dumped from a file that the Inlay of then made.
BEGIN TRANSACTION;
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
INSERT INTO "events" VALUES(1,1,1796067519662,'variation','{"index":0,"seed":7,"patch":{"bounds":[0,0,8,8],"pixels":{"width":8,"height":8,"order":"RGBA","sample_type":"u8","white_level":255,"profile":"sRGB","blob":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","icc":"YSBwcm9maWxlIG9mIHRoZSBzdHVkaW8ncyBwcmludGVy"},"mask":{"width":8,"height":8,"order":"Y","sample_type":"u8","white_level":255,"profile":"","blob":"fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108","icc":""}},"report":{"ring_delta_e_before":1.0,"ring_delta_e_after":0.5,"changed_outside":0,"notes":["soft"],"details":{}},"receipt":{"engine":"test"}}',NULL,0);
INSERT INTO "events" VALUES(1,2,1796067519670,'done','{"seconds":1.5}',NULL,NULL);
INSERT INTO "events" VALUES(2,1,1796067519686,'loading','{"what":"classic"}',NULL,NULL);
INSERT INTO "events" VALUES(2,2,1796067519687,'step','{"index":1,"total":4,"phase":"painting","eta_s":null}',NULL,NULL);
INSERT INTO "events" VALUES(2,3,1796067519687,'variation','{"index":0,"seed":7,"patch":{"bounds":[0,0,8,8],"pixels":{"width":8,"height":8,"order":"RGBA","sample_type":"u8","white_level":255,"profile":"sRGB","blob":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","icc":"YSBwcm9maWxlIG9mIHRoZSBzdHVkaW8ncyBwcmludGVy"},"mask":{"width":8,"height":8,"order":"Y","sample_type":"u8","white_level":255,"profile":"","blob":"fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108","icc":""}},"report":{"ring_delta_e_before":1.0,"ring_delta_e_after":0.5,"changed_outside":0,"notes":["soft"],"details":{}},"receipt":{"engine":"test"}}',NULL,0);
INSERT INTO "events" VALUES(2,4,1796067519695,'preview','{"variation":0,"size":[2,1],"bounds":[0,0,8,8]}',X'070707070707',NULL);
INSERT INTO "events" VALUES(4,1,1796067519713,'cancelled','{}',NULL,NULL);
INSERT INTO "events" VALUES(5,1,1796067519725,'failed','{"code":"INTERNAL","message":"why it was","field":""}',NULL,NULL);
CREATE TABLE inputs (
    number INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (number, sha256)
);
INSERT INTO "inputs" VALUES(1,'fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108');
INSERT INTO "inputs" VALUES(1,'40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880');
INSERT INTO "inputs" VALUES(2,'fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108');
INSERT INTO "inputs" VALUES(2,'40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880');
INSERT INTO "inputs" VALUES(3,'fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108');
INSERT INTO "inputs" VALUES(3,'40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880');
INSERT INTO "inputs" VALUES(4,'fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108');
INSERT INTO "inputs" VALUES(4,'40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880');
INSERT INTO "inputs" VALUES(5,'fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108');
INSERT INTO "inputs" VALUES(5,'40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880');
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
);
INSERT INTO "jobs" VALUES(1,'00000001-0000-4000-8000-000000000000','{"count":1,"document":[8,8],"feather_px":0,"grow_px":0,"mask":{"blob":"fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108","height":8,"icc":"","order":"Y","profile":"","sample_type":"u8","white_level":255,"width":8},"model":"","negative_prompt":"","prompt":"A kite","region":[0,0,8,8],"seed":3,"source":{"blob":"40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880","height":8,"icc":"YSBwcm9maWxlIG9mIHRoZSBzdHVkaW8ncyBwcmludGVy","order":"RGBA","profile":"sRGB","sample_type":"u8","white_level":255,"width":8},"strength":1.0,"target_color":"","tier":"standard","verb":"erase","window":[0,0,8,8]}','53af42d44511ae500577ccb9a00b91d7fa73a9830834d73e29a959d49dc69874','hero','done',1796067519654,1796067519670,2,1,1,0);
INSERT INTO "jobs" VALUES(2,'00000002-0000-4000-8000-000000000000','{"count":2,"document":[8,8],"feather_px":0,"grow_px":0,"mask":{"blob":"fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108","height":8,"icc":"","order":"Y","profile":"","sample_type":"u8","white_level":255,"width":8},"model":"","negative_prompt":"","prompt":"two clouds","region":[0,0,8,8],"seed":5,"source":{"blob":"40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880","height":8,"icc":"YSBwcm9maWxlIG9mIHRoZSBzdHVkaW8ncyBwcmludGVy","order":"RGBA","profile":"sRGB","sample_type":"u8","white_level":255,"width":8},"strength":1.0,"target_color":"","tier":"standard","verb":"erase","window":[0,0,8,8]}','df823c358ce3f3e8fdd878c38d93c758ac6813d5ab03331d258a8483ac5a0956','','running',1796067519677,NULL,4,1,1,0);
INSERT INTO "jobs" VALUES(3,'00000003-0000-4000-8000-000000000000','{"count":1,"document":[8,8],"feather_px":0,"grow_px":0,"mask":{"blob":"fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108","height":8,"icc":"","order":"Y","profile":"","sample_type":"u8","white_level":255,"width":8},"model":"","negative_prompt":"","prompt":"a boat","region":[0,0,8,8],"seed":9,"source":{"blob":"40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880","height":8,"icc":"YSBwcm9maWxlIG9mIHRoZSBzdHVkaW8ncyBwcmludGVy","order":"RGBA","profile":"sRGB","sample_type":"u8","white_level":255,"width":8},"strength":1.0,"target_color":"","tier":"standard","verb":"erase","window":[0,0,8,8]}','8d242fad9283005cd8145e059c9d1ae7aa0c9cef65cbfa4f853baac5b4b16608','hero','queued',1796067519696,NULL,0,0,0,0);
INSERT INTO "jobs" VALUES(4,'00000004-0000-4000-8000-000000000000','{"count":1,"document":[8,8],"feather_px":0,"grow_px":0,"mask":{"blob":"fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108","height":8,"icc":"","order":"Y","profile":"","sample_type":"u8","white_level":255,"width":8},"model":"","negative_prompt":"","prompt":"nothing","region":[0,0,8,8],"seed":0,"source":{"blob":"40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880","height":8,"icc":"YSBwcm9maWxlIG9mIHRoZSBzdHVkaW8ncyBwcmludGVy","order":"RGBA","profile":"sRGB","sample_type":"u8","white_level":255,"width":8},"strength":1.0,"target_color":"","tier":"standard","verb":"erase","window":[0,0,8,8]}','fe2dc1f1f74333fec7392c9053089847a154033ac334caed7e6e9f30c1e061c8','','cancelled',1796067519702,1796067519713,1,0,0,0);
INSERT INTO "jobs" VALUES(5,'00000005-0000-4000-8000-000000000000','{"count":1,"document":[8,8],"feather_px":0,"grow_px":0,"mask":{"blob":"fdeab9acf3710362bd2658cdc9a29e8f9c757fcf9811603a8c447cd1d9151108","height":8,"icc":"","order":"Y","profile":"","sample_type":"u8","white_level":255,"width":8},"model":"","negative_prompt":"","prompt":"too much","region":[0,0,8,8],"seed":0,"source":{"blob":"40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880","height":8,"icc":"YSBwcm9maWxlIG9mIHRoZSBzdHVkaW8ncyBwcmludGVy","order":"RGBA","profile":"sRGB","sample_type":"u8","white_level":255,"width":8},"strength":1.0,"target_color":"","tier":"standard","verb":"erase","window":[0,0,8,8]}','94fcf58fb6fc098eea7ccdf2eff34d313c20b9f932bd3b7a33c64c6ef2e1eb12','','failed',1796067519717,1796067519725,1,0,0,0);
CREATE TABLE ratings (
    number INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    variation INTEGER NOT NULL,
    rating TEXT NOT NULL,
    time_unix_ms INTEGER NOT NULL,
    PRIMARY KEY (number, variation)
);
INSERT INTO "ratings" VALUES(1,0,'kept',1796067519676);
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
CREATE TABLE timings (
    engine TEXT NOT NULL,
    verb TEXT NOT NULL,
    tier TEXT NOT NULL,
    time_unix_ms INTEGER NOT NULL,
    seconds_per_megapixel REAL NOT NULL
);
INSERT INTO "timings" VALUES('classic','erase','standard',1796067519732,2.0);
CREATE INDEX jobs_by_state ON jobs (state);
CREATE UNIQUE INDEX variation_once ON events (number, variation) WHERE kind = 'variation';
CREATE INDEX previews ON events (number) WHERE kind = 'preview';
CREATE INDEX results_by_name ON results (sha256);
CREATE INDEX timings_by_engine ON timings (engine, verb, tier, time_unix_ms);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('jobs',5);
COMMIT;
PRAGMA user_version = 1;
