-- "Worst" is the mean of the three largest cells, so it cannot lie below the mean of all of them.
SELECT mean_radius, worst_radius, mean_texture, worst_texture, mean_area, worst_area
FROM (FROM train SELECT * EXCLUDE target UNION ALL BY NAME FROM test_features)
WHERE worst_radius < mean_radius OR worst_texture < mean_texture OR worst_area < mean_area
