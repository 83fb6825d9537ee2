//! Percentiles by the nearest rank, which are always measured values and never interpolated.

/// The smallest value that at least `percent` percent of the values do not exceed. With fewer than a hundred values,
/// the 99th percentile is the largest value. It is `None` without values.
pub(crate) fn percentile(values: &[f64], percent: u32) -> Option<f64> {
    assert!((1..=100).contains(&percent), "there is no {percent}th percentile");
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    // This uses whole numbers, because 0.99 × 100 is more than 99 in floating point.
    let rank = (sorted.len() * percent as usize).div_ceil(100);
    rank.checked_sub(1).map(|index| sorted[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up_to(most: u32) -> Vec<f64> {
        (1..=most).rev().map(f64::from).collect()
    }

    #[test]
    fn a_percentile_is_the_value_at_the_nearest_rank_whatever_the_order() {
        assert_eq!(percentile(&up_to(100), 50), Some(50.0));
        assert_eq!(percentile(&up_to(100), 99), Some(99.0));
        assert_eq!(percentile(&up_to(1000), 99), Some(990.0));
        assert_eq!(percentile(&up_to(101), 50), Some(51.0));
        assert_eq!(percentile(&up_to(7), 100), Some(7.0));
    }

    #[test]
    fn of_few_values_the_99th_percentile_is_the_largest() {
        assert_eq!(percentile(&up_to(30), 99), Some(30.0));
        assert_eq!(percentile(&[3.5], 99), Some(3.5));
    }

    #[test]
    fn no_values_have_no_percentile() {
        assert_eq!(percentile(&[], 99), None);
    }

    #[test]
    #[should_panic(expected = "there is no 101th percentile")]
    fn a_percentile_beyond_all_values_is_a_mistake_of_the_caller() {
        percentile(&[1.0], 101);
    }
}
