// Rates and delays are measured here; two tests at once on two cores would measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
