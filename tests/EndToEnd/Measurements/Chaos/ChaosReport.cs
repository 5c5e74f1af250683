using System.Globalization;
using System.Text;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>What came of one run: numbers for who reads it, and every promise that was broken.</summary>
internal sealed class ChaosReport(int seed, IReadOnlyList<ChaosAction> plan)
{
    private readonly List<string> _faults = [];
    private readonly Dictionary<string, (Decisions.Distance OfWindows, Decisions.Distance OfAnswers, int Count)> _distances = [];
    private EventLedger? _events;
    private SiteWatch? _watch;
    private FeedSubscriber? _feed;
    private int _traces;
    private double _from;

    public Usage Before { get; set; } = new(0, 0, 0, 0);

    public Usage After { get; set; } = new(0, 0, 0, 0);

    /// <summary>How long it took until all was well again.</summary>
    public TimeSpan Settled { get; set; }

    public IReadOnlyList<string> ThrownByActors { get; set; } = [];

    /// <summary>Messages that the subscriber got, by the last word of their topics.</summary>
    public IReadOnlyDictionary<string, int> Heard { get; set; } = new Dictionary<string, int>();

    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Where the service's log was put.</summary>
    public string? Log { get; set; }

    private double Longest => _distances.Values.Select(one => Math.Max(one.OfWindows.Seconds, one.OfAnswers.Seconds)).DefaultIfEmpty().Max();

    /// <summary>One line for a table of many runs.</summary>
    public string Row => string.Create(
        CultureInfo.InvariantCulture,
        $"seed {seed,3}  {(_faults.Count == 0 ? "PASS" : "FAIL")}  {plan.Count,3} actions  longest {Longest:0.00} s  well after {Settled.TotalSeconds,4:0.0} s  "
        + $"events {_events?.Started}/{_events?.Ended}  {Before.Megabytes:0} -> {_watch?.Most.Megabytes:0} -> {After.Megabytes:0} MiB  "
        + $"handles {Before.Handles:0}/{_watch?.Most.Handles:0}/{After.Handles:0}  "
        + $"threads {Before.Threads:0}/{_watch?.Most.Threads:0}/{After.Threads:0}  {string.Join("; ", _faults.Take(3))}");

    /// <param name="fault">What is wrong; null if the promise was kept.</param>
    public void Judge(string promise, string? fault)
    {
        if (fault is not null)
        {
            _faults.Add($"{promise}: {fault}");
        }
    }

    public void Watched(SiteWatch watch, FeedSubscriber feed) => (_watch, _feed) = (watch, feed);

    public void JudgeDecisions(Decisions decisions, double from, double until)
    {
        _from = from;
        foreach (var camera in ChaosSite.Healthy)
        {
            var (ofWindows, ofAnswers) = decisions.Longest(camera, from, until);
            _distances[camera] = (ofWindows, ofAnswers, decisions.Count(camera));
            foreach (var (what, distance) in (ReadOnlySpan<(string, Decisions.Distance)>)[("windows", ofWindows), ("answers", ofAnswers)])
            {
                Judge(
                    $"a healthy camera is decided on at least every {ChaosBounds.LongestDistance} s",
                    distance.Seconds <= ChaosBounds.LongestDistance ? null : string.Create(
                        CultureInfo.InvariantCulture,
                        $"{camera}: {distance.Seconds:0.00} s between two {what}, {distance.At - from:0.0} s after the beginning"));
            }
        }
    }

    public void JudgeEvents(EventLedger events)
    {
        _events = events;
        Judge("events come and go", events.Started > 0 ? null : "none was heard");
        foreach (var fault in events.Faults)
        {
            Judge("exactly one start and one end", fault);
        }
    }

    public void JudgeUsage()
    {
        Judge("within its bounds", ChaosBounds.IsWithin(Before, _watch!.Most) ? null : $"{Before} before, at most {_watch.Most}");
        Judge("back where it was", ChaosBounds.IsBack(Before, After) ? null : $"{Before} before, {After} after");
        Judge(
            "nobody reads a password in the list of processes",
            _watch.TellingCommandLines == 0 ? null : $"{_watch.TellingCommandLines} children with one in their command line");
        Judge(
            "pages are answered",
            _watch.Http.Longest <= ChaosBounds.LongestSilence ? null : $"none for {_watch.Http.Longest.TotalSeconds:0.0} s");
    }

    public void JudgeLeftovers(ChaosSite site)
    {
        var alive = Processes.WithEnvironment(ChaosSite.Mark, site.Id).Where(Processes.IsAlive).ToList();
        Judge("no child is left", alive.Count == 0 ? null : string.Join(", ", alive.Select(ProcessTree.CommandLine)));
        var temporary = Directory.Exists(site.Temporary) ? Directory.GetFileSystemEntries(site.Temporary) : [];
        Judge("no file is left in the temporary folder", temporary.Length == 0 ? null : string.Join(", ", temporary));
        var parts = Directory.EnumerateFiles(site.State, "*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(".part", StringComparison.Ordinal) || file.EndsWith(".tmp", StringComparison.Ordinal)).ToList();
        Judge("no half file is left", parts.Count == 0 ? null : string.Join(", ", parts));
        foreach (var file in Directory.EnumerateFiles(site.State, "*", SearchOption.AllDirectories))
        {
            site.Secrets.Search($"file {file}", file + (file.EndsWith(".spool", StringComparison.Ordinal) ? File.ReadAllText(file) : ""));
        }
    }

    public void JudgeLog(IReadOnlyCollection<string> lines)
    {
        _traces = lines.Count(line => line.StartsWith("   at ", StringComparison.Ordinal));
        Judge(
            "nothing unforeseen happens",
            lines.FirstOrDefault(line => line.Contains("Unhandled exception", StringComparison.Ordinal))
                ?? (_traces == 0 ? null : $"{_traces} lines of stack traces in the log"));
        foreach (var thrown in ThrownByActors)
        {
            Judge("the instrument works", thrown);
        }
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        var invariant = CultureInfo.InvariantCulture;
        text.Append(invariant, $"{plan.Count} actions: ").AppendJoin(
            ", ", plan.GroupBy(action => action.Kind).OrderBy(kind => kind.Key).Select(kind => $"{kind.Key} {kind.Count()}")).Append('\n');
        foreach (var (camera, (ofWindows, ofAnswers, count)) in _distances)
        {
            text.Append(
                invariant,
                $"{camera}: {count} decisions, at most {ofWindows.Seconds:0.00} s between two windows "
                + $"({ofWindows.At - _from:0.0} s after the beginning), {ofAnswers.Seconds:0.00} s between two answers\n");
        }

        text.Append(invariant, $"by the metrics a healthy camera stood still for {_watch?.LongestStandstill.TotalSeconds:0.00} s at most\n");
        text.Append(invariant, $"events: {_events?.Started} started, {_events?.Ended} ended: ").AppendJoin(
            ", ", _events?.Reasons.Select(reason => $"{reason.Key} {reason.Value}") ?? []).Append('\n');
        text.Append("messages heard: ").AppendJoin(", ", Heard.OrderBy(kind => kind.Key).Select(kind => $"{kind.Key} {kind.Value}")).Append('\n');
        text.Append(invariant, $"all well {Settled.TotalSeconds:0.0} s after the last action\nbefore {Before}\nmost   {_watch?.Most}\nafter  {After}\n");
        text.Append(
            invariant,
            $"pages: {_watch?.Http.Asked} asked, {_watch?.Http.Missed} missed, {_watch?.Http.Longest.TotalSeconds:0.0} s without any; "
            + $"feed lost {_feed?.Lost} times; stack-trace lines {_traces}\n");
        text.Append(_faults.Count == 0 ? "PASS" : "FAIL").Append(invariant, $" seed {seed}\n");
        foreach (var fault in _faults)
        {
            text.Append(invariant, $"  {fault}\n");
        }

        return Log is null ? text.ToString() : text.Append(invariant, $"  the service's log: {Log}\n").ToString();
    }
}
