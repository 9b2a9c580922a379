-- Cells are nearly round: the area is that of a circle of the radius, give or take a third. Another unit shows here.
SELECT mean_radius, mean_area, mean_area / (pi() * mean_radius ^ 2) AS roundness
FROM (FROM train SELECT * EXCLUDE target UNION ALL BY NAME FROM test_features)
WHERE mean_area / (pi() * mean_radius ^ 2) NOT BETWEEN 0.67 AND 1.5
