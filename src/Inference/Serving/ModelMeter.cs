using System.Diagnostics.Metrics;
using ActionStream.Inference.Scoring;

namespace ActionStream.Inference.Serving;

/// <summary>Which model runs where, and how often it was exchanged or lost.</summary>
public sealed class ModelMeter
{
    private readonly Counter<long> _changes;
    private readonly Counter<long> _losses;

    public ModelMeter(Meter meter)
    {
        _changes = meter.CreateCounter<long>(
            "actionstream.model.changes", "{change}", "Other models that were to take the running one's place, by what became of them.");
        _losses = meter.CreateCounter<long>(
            "actionstream.model.losses", "{loss}", "How often the model's runs failed for good, by reason.");
        foreach (var result in (string[])["taken", "refused"])
        {
            _changes.Add(0, new KeyValuePair<string, object?>("result", result));
        }

        foreach (var reason in (string[])["run_failed", ScoringException.OutOfMemory, ScoringException.DeviceLost])
        {
            _losses.Add(0, new KeyValuePair<string, object?>("reason", reason));
        }
    }

    public void Changed(bool isTaken) => _changes.Add(1, new KeyValuePair<string, object?>("result", isTaken ? "taken" : "refused"));

    internal void Lost(string reason) => _losses.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>Shows where the model runs, beside what was asked for, whether there is one, and what its self-check finds.</summary>
    internal static void Show(Meter meter, ModelSlot slot)
    {
        meter.CreateObservableGauge(
            "actionstream.inference.device.info",
            () => new Measurement<int>(
                1, new KeyValuePair<string, object?>("requested", slot.Model.Requested),
                new KeyValuePair<string, object?>("actual", slot.Model.Device)),
            null, "Where the model runs, and what was asked for. Always 1.");
        meter.CreateObservableGauge(
            "actionstream.model.up", () => slot.IsEmpty ? 0 : 1, null, "0 while the model's runs fail for good and no other is there yet.");
        meter.CreateObservableGauge(
            "actionstream.inference.batch.limit", () => slot.Policy.MaxSize, "{clip}",
            "Most clips that go through the model together: as set, or less where memory did not allow it.");
        if (slot.Model.SelfCheck is not null)
        {
            ShowSelfCheck(meter, slot);
        }
    }

    // Of the model that is there: another one counts afresh, as after a restart.
    private static void ShowSelfCheck(Meter meter, ModelSlot slot)
    {
        meter.CreateObservableGauge(
            "actionstream.token.cache.difference", () => slot.Model.SelfCheck?.Difference ?? 0, null,
            "Largest difference of a logit from cached tokens and from the whole window, in the last self-check.");
        meter.CreateObservableCounter(
            "actionstream.token.cache.checks", () => slot.Model.SelfCheck?.Checks ?? 0, "{check}", "Self-checks of the cached path.");
        meter.CreateObservableCounter(
            "actionstream.token.cache.check.failures", () => slot.Model.SelfCheck?.Failures ?? 0, "{check}",
            "Self-checks whose difference was more than rounding.");
    }
}
