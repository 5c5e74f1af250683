using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;

namespace ActionStream.Publish.Events;

/// <summary>When scores become an event, and how much is published about them. The defaults suit all
/// classes; `classes` overrides by name.</summary>
public sealed record EventOptions
{
    /// <summary>Time constant of the exponential smoothing: after this long a new score counts 63 %. 0ms switches it off.</summary>
    public TimeSpan Smoothing { get; init; } = TimeSpan.FromMilliseconds(750);

    /// <summary>Smoothed score from which a class is detected, 0 to 1; for classes whose threshold
    /// the model's card does not tell.</summary>
    public double Enter { get; init; } = 0.6;

    /// <summary>Smoothed score below which it is no longer, 0 to `enter`. The distance keeps a wavering score in one event.</summary>
    public double Leave { get; init; } = 0.4;

    /// <summary>How long a class must stay detected before its event starts.</summary>
    public TimeSpan MinDuration { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Pauses up to this long stay within one event.</summary>
    public TimeSpan MergeGap { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Rest after an event before the same class can start the next.</summary>
    public TimeSpan Cooldown { get; init; } = TimeSpan.Zero;

    /// <summary>Shortest time between two updates of an ongoing event; an update also needs something new to say.</summary>
    public TimeSpan UpdateEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Classes in the `topk` list of events and scores.</summary>
    public int TopK { get; init; } = 3;

    /// <summary>Publish the scores: `off`, `every` decision, or at most once per duration such as 1s.</summary>
    public string Scores { get; init; } = "off";

    /// <summary>When classes make events, in local time: spans such as `mon-fri 22:00-06:00`, `sat,sun`
    /// or `08:00-18:00`. Empty: always.</summary>
    public IReadOnlyList<string> Schedule { get; init; } = [];

    /// <summary>Zones of the camera in which classes count: elsewhere their score is taken as 0. Empty: anywhere.</summary>
    public IReadOnlyList<string> Zones { get; init; } = [];

    /// <summary>Classes that make events. Empty: all of the model's labels but its background.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Overrides by class name.</summary>
    public IReadOnlyDictionary<string, ClassOptions> Classes { get; init; } = new Dictionary<string, ClassOptions>();

    /// <summary>Time between two published scores: zero for every decision, null for none.</summary>
    public TimeSpan? ScoresEvery => Scores switch
    {
        "every" => TimeSpan.Zero,
        _ => SettingText.TryParse(Scores, out var time) ? time : null,
    };

    /// <summary>The same without schedules: for recordings, which do not know what the clock on the wall showed.</summary>
    public EventOptions Always => this with
    {
        Schedule = [],
        Classes = Classes.ToDictionary(own => own.Key, own => own.Value with { Schedule = null }),
    };

    /// <summary>How long an action must last at most before its event begins.</summary>
    public TimeSpan LongestMinDuration => Classes.Values.Select(own => own.MinDuration ?? MinDuration).Append(MinDuration).Max();

    /// <summary>What holds for one class, and whether it makes events at all. What `classes` says goes before the model's own thresholds,
    /// and these before what suits all.</summary>
    public EventRules? RulesFor(string label, ModelOutput output)
    {
        if (label == output.Background || (Labels.Count > 0 && !Labels.Any(named => Means(named, label))))
        {
            return null;
        }

        var own = Classes.FirstOrDefault(entry => Means(entry.Key, label)).Value ?? new ClassOptions();
        var isMeasured = output.Enter.TryGetValue(label, out var measured) && own.Enter is null;
        var enter = own.Enter ?? (isMeasured ? measured : Enter);
        return own.Enabled ? new EventRules(
            enter,
            own.Leave ?? (isMeasured ? enter * Leave / Enter : Math.Min(Leave, enter)), // a measured threshold keeps its distance
            own.MinDuration ?? MinDuration,
            own.MergeGap ?? MergeGap,
            own.Cooldown ?? Cooldown,
            UpdateEvery)
        {
            Schedule = Events.Schedule.TryParse(own.Schedule ?? Schedule, out var schedule) ? schedule : null,
            Zones = own.Zones ?? Zones,
        } : null;
    }

    public void Check(ConfigCheck check)
    {
        CheckTime(check, Smoothing, TimeSpan.FromMinutes(1), nameof(Smoothing));
        CheckThresholds(check, Enter, Leave);
        CheckTime(check, MinDuration, TimeSpan.FromMinutes(10), nameof(MinDuration));
        CheckTime(check, MergeGap, TimeSpan.FromMinutes(10), nameof(MergeGap));
        CheckTime(check, Cooldown, TimeSpan.FromHours(1), nameof(Cooldown));
        CheckTime(check, UpdateEvery, TimeSpan.FromHours(1), nameof(UpdateEvery));
        check.Expect(TopK is >= 1 and <= 20, TopK, "1 to 20");
        check.Expect(Scores is "off" || ScoresEvery is not null, Scores, "off, every, or a duration such as 1s");
        CheckSchedule(check, Schedule);
        foreach (var (name, own) in Classes)
        {
            own.Check(check.At(nameof(Classes)).AtKey(name), this);
        }
    }

    /// <summary>Reports every class name that the camera's model does not know.</summary>
    public void CheckLabels(ConfigCheck check, ModelCard card)
    {
        for (var i = 0; i < Labels.Count; i++)
        {
            CheckLabel(check.At(nameof(Labels)).At($"{i}"), Labels[i], card);
        }

        foreach (var name in Classes.Keys)
        {
            CheckLabel(check.At(nameof(Classes)).AtKey(name), name, card);
        }
    }

    /// <summary>Reports every zone that the camera does not have.</summary>
    public void CheckZones(ConfigCheck check, IReadOnlyCollection<string> zones)
    {
        CheckZones(check, Zones, zones);
        foreach (var (name, own) in Classes)
        {
            CheckZones(check.At(nameof(Classes)).AtKey(name), own.Zones ?? [], zones);
        }
    }

    private static void CheckZones(ConfigCheck check, IReadOnlyList<string> named, IReadOnlyCollection<string> zones)
    {
        var hint = zones.Count == 0 ? "it has none; name some under its zones" : $"it has {string.Join(", ", zones)}";
        for (var i = 0; i < named.Count; i++)
        {
            if (!zones.Contains(named[i]))
            {
                var meant = SettingName.Nearest(named[i], zones);
                check.At(nameof(Zones)).At($"{i}").Report(
                    $"is {named[i]}, which is no zone of this camera; {(meant is null ? hint : $"did you mean {meant}?")}");
            }
        }
    }

    internal static void CheckThresholds(ConfigCheck check, double enter, double leave)
    {
        check.Expect(enter is > 0 and <= 1, enter, "above 0, up to 1", nameof(Enter));
        check.Expect(leave >= 0 && leave <= enter, leave, FormattableString.Invariant($"0 to {enter} (enter)"), nameof(Leave));
    }

    internal static void CheckSchedule(ConfigCheck check, IReadOnlyList<string> spans)
    {
        for (var i = 0; i < spans.Count; i++)
        {
            check.At(nameof(Schedule)).Expect(
                Events.Schedule.IsSpan(spans[i]), spans[i],
                "days, times or both, such as mon-fri 22:00-06:00, sat,sun or 08:00-18:00", $"{i}");
        }
    }

    internal static void CheckTime(ConfigCheck check, TimeSpan? time, TimeSpan most, string setting) =>
        check.Expect(time is null || (time >= TimeSpan.Zero && time <= most), time, $"0ms to {SettingText.Of(most)}", setting);

    private static void CheckLabel(ConfigCheck check, string name, ModelCard card)
    {
        if (card.Labels.FirstOrDefault(label => Means(name, label)) is not { } label)
        {
            var hint = SettingName.Nearest(name, card.Labels) is { } meant
                ? $"did you mean {meant}?"
                : $"it knows {string.Join(", ", card.Labels.Take(12))}{(card.Labels.Count > 12 ? ", …" : "")}";
            check.Report($"is not a label of model {card.Name}; {hint}");
        }
        else if (label == card.Output.Background)
        {
            check.Report($"is the background of model {card.Name} and never makes events; leave it out");
        }
    }

    // People write fall_floor for "Fall floor", as they see it in topics.
    private static bool Means(string named, string label) => named == label || named == Slug.Of(label);
}

/// <summary>What differs for one class; what is left out follows the defaults.</summary>
public sealed record ClassOptions
{
    /// <summary>False keeps the class out of events and states.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>See <see cref="EventOptions.Enter"/>.</summary>
    public double? Enter { get; init; }

    /// <summary>See <see cref="EventOptions.Leave"/>.</summary>
    public double? Leave { get; init; }

    /// <summary>See <see cref="EventOptions.MinDuration"/>.</summary>
    public TimeSpan? MinDuration { get; init; }

    /// <summary>See <see cref="EventOptions.MergeGap"/>.</summary>
    public TimeSpan? MergeGap { get; init; }

    /// <summary>See <see cref="EventOptions.Cooldown"/>.</summary>
    public TimeSpan? Cooldown { get; init; }

    /// <summary>See <see cref="EventOptions.Schedule"/>.</summary>
    public IReadOnlyList<string>? Schedule { get; init; }

    /// <summary>See <see cref="EventOptions.Zones"/>.</summary>
    public IReadOnlyList<string>? Zones { get; init; }

    public void Check(ConfigCheck check, EventOptions defaults)
    {
        var enter = Enter ?? defaults.Enter;
        EventOptions.CheckThresholds(check, enter, Leave ?? Math.Min(defaults.Leave, enter));
        EventOptions.CheckTime(check, MinDuration, TimeSpan.FromMinutes(10), nameof(MinDuration));
        EventOptions.CheckTime(check, MergeGap, TimeSpan.FromMinutes(10), nameof(MergeGap));
        EventOptions.CheckTime(check, Cooldown, TimeSpan.FromHours(1), nameof(Cooldown));
        EventOptions.CheckSchedule(check, Schedule ?? []);
    }
}
