PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE invitations (
	level VARCHAR(32) NOT NULL, 
	extra_time FLOAT NOT NULL, 
	case_digest VARCHAR(64) NOT NULL, 
	package_digest VARCHAR(64) NOT NULL, 
	id INTEGER NOT NULL, 
	assignment VARCHAR(128) NOT NULL, 
	candidate VARCHAR(128) NOT NULL, 
	time DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (assignment, candidate)
);
INSERT INTO invitations VALUES('standard',1.0,'c','p',1,'tiny-regression','ada','2026-11-20 09:00:00.000000');
CREATE TABLE form_uses (
	level VARCHAR(32) NOT NULL, 
	seed VARCHAR(16) NOT NULL, 
	bank VARCHAR(64) NOT NULL, 
	formerly JSON NOT NULL, 
	id INTEGER NOT NULL, 
	assignment VARCHAR(128) NOT NULL, 
	candidate VARCHAR(128) NOT NULL, 
	time DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE submissions (
	number INTEGER NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	receipt VARCHAR(32) NOT NULL, 
	submitted DATETIME NOT NULL, 
	source TEXT NOT NULL, 
	notes JSON NOT NULL, 
	id INTEGER NOT NULL, 
	assignment VARCHAR(128) NOT NULL, 
	candidate VARCHAR(128) NOT NULL, 
	time DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (assignment, candidate, number)
);
CREATE TABLE gradings (
	number INTEGER NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	evidence_digest VARCHAR(64) NOT NULL, 
	outcome VARCHAR(32) NOT NULL, 
	points FLOAT, 
	id INTEGER NOT NULL, 
	assignment VARCHAR(128) NOT NULL, 
	candidate VARCHAR(128) NOT NULL, 
	time DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE approvals (
	approver VARCHAR(128) NOT NULL, 
	feedback_digest VARCHAR(64) NOT NULL, 
	evidence_number INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	assignment VARCHAR(128) NOT NULL, 
	candidate VARCHAR(128) NOT NULL, 
	time DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO approvals VALUES('lead','f',1,'',1,'tiny-regression','ada','2026-11-20 09:00:00.000000');
CREATE TABLE ratings (
	attempt INTEGER NOT NULL, 
	stage VARCHAR(64) NOT NULL, 
	criterion VARCHAR(128) NOT NULL, 
	dimension VARCHAR(128) NOT NULL, 
	grader VARCHAR(128) NOT NULL, 
	value INTEGER, 
	reason TEXT NOT NULL, 
	evidence TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	assignment VARCHAR(128) NOT NULL, 
	candidate VARCHAR(128) NOT NULL, 
	time DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT scale CHECK (value IS NULL OR value BETWEEN 1 AND 4), 
	CONSTRAINT null_has_reason CHECK (value IS NOT NULL OR reason <> '')
);
INSERT INTO ratings VALUES(1,'work sample','explanation','Documentation & Communication','grace',2,'','three sentences',1,'tiny-regression','ada','2026-11-20 09:00:00.000000');
INSERT INTO ratings VALUES(1,'work sample','explanation','Documentation & Communication','alan',3,'','three sentences',2,'tiny-regression','ada','2026-11-20 09:00:00.000000');
INSERT INTO ratings VALUES(1,'work sample','explanation','Documentation & Communication','grace',3,'read it again','three sentences',3,'tiny-regression','ada','2026-11-20 09:00:00.000000');
INSERT INTO ratings VALUES(1,'work sample','explanation','Documentation & Communication','alan',NULL,'not observable','three sentences',4,'tiny-regression','ada','2026-11-20 09:00:00.000000');
CREATE TABLE audit (
	actor VARCHAR(128) NOT NULL, 
	action VARCHAR(64) NOT NULL, 
	detail JSON NOT NULL, 
	id INTEGER NOT NULL, 
	assignment VARCHAR(128) NOT NULL, 
	candidate VARCHAR(128) NOT NULL, 
	time DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO audit VALUES('grace','rate','{"criterion": "explanation", "rating": 1}',1,'tiny-regression','ada','2026-11-20 09:00:00.000000');
CREATE INDEX ix_invitations_assignment ON invitations (assignment);
CREATE INDEX ix_invitations_candidate ON invitations (candidate);
CREATE INDEX ix_form_uses_candidate ON form_uses (candidate);
CREATE INDEX ix_form_uses_assignment ON form_uses (assignment);
CREATE INDEX ix_submissions_candidate ON submissions (candidate);
CREATE INDEX ix_submissions_assignment ON submissions (assignment);
CREATE INDEX ix_gradings_key ON gradings ("key");
CREATE INDEX ix_gradings_assignment ON gradings (assignment);
CREATE INDEX ix_gradings_candidate ON gradings (candidate);
CREATE INDEX ix_approvals_assignment ON approvals (assignment);
CREATE INDEX ix_approvals_candidate ON approvals (candidate);
CREATE INDEX ix_ratings_assignment ON ratings (assignment);
CREATE INDEX ix_ratings_candidate ON ratings (candidate);
CREATE INDEX ix_audit_candidate ON audit (candidate);
CREATE INDEX ix_audit_assignment ON audit (assignment);
COMMIT;
