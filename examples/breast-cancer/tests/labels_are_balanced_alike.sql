-- Both parts hold about the same share of malignant tumours; else a measure on one says little about the other.
WITH shares AS (
  SELECT (SELECT avg(target) FROM train) AS train, (SELECT avg(target) FROM test_labels) AS test
)
SELECT * FROM shares WHERE abs(train - test) > 0.05
