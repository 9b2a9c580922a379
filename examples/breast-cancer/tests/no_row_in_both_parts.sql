-- A tumour that is trained on and tested on makes the test look better than it is.
SELECT train.mean_radius, train.mean_texture, train.mean_area
FROM train
JOIN test_features USING (mean_radius, mean_texture, mean_perimeter, mean_area, mean_smoothness)
