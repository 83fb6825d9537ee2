DROP TABLE images;
DROP TABLE tokens;
DROP TABLE users;
