namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>Draws what is done when: the same seed gives the same plan, so that what one run finds another can show again.</summary>
/// <remarks>Kinds are dealt like cards, all of them before any comes again. Two actions on one thing never overlap.</remarks>
internal sealed class ChaosPlan
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.3);

    private readonly Random _chance;
    private readonly ChaosKind[] _kinds;
    private readonly int _cameras;
    private readonly List<ChaosAction> _actions = [];
    private readonly Dictionary<string, TimeSpan> _busyUntil = new(StringComparer.Ordinal);
    private readonly List<ChaosKind> _deck = [];

    private ChaosPlan(int seed, int cameras, IEnumerable<ChaosKind> kinds) =>
        (_chance, _cameras, _kinds) = (new(seed), cameras, [.. kinds]);

    /// <param name="cameras">How many there are to which something may be done.</param>
    public static IReadOnlyList<ChaosAction> Draw(int seed, TimeSpan span, int cameras, IEnumerable<ChaosKind>? kinds = null)
    {
        var plan = new ChaosPlan(seed, cameras, kinds ?? Enum.GetValues<ChaosKind>());
        for (var at = plan.Between(0.2, 1); at < span - Shortest; at += plan.Between(0.4, 1.8))
        {
            plan.Add(at, span);
        }

        return plan._actions;
    }

    public static bool IsOfCamera(ChaosKind kind) => kind <= ChaosKind.KillChild;

    private void Add(TimeSpan at, TimeSpan span)
    {
        if (_deck.Count == 0)
        {
            _deck.AddRange(_kinds);
            _chance.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_deck));
        }

        for (var i = 0; i < _deck.Count; i++)
        {
            var kind = _deck[i];
            var target = IsOfCamera(kind) ? FreeCamera(at) : null;
            var thing = ThingOf(kind, target);
            if ((IsOfCamera(kind) && target is null) || _busyUntil.GetValueOrDefault(thing) > at)
            {
                continue; // its turn comes
            }

            var (least, most) = Lasting(kind);
            var lasts = Between(least, most);
            var action = new ChaosAction(at, lasts < span - at ? lasts : span - at, kind, target, _chance.NextDouble());
            _deck.RemoveAt(i);
            _busyUntil[thing] = action.End + Shortest;
            _actions.Add(action);
            return;
        }
    }

    private int? FreeCamera(TimeSpan at)
    {
        var free = Enumerable.Range(0, _cameras).Where(camera => _busyUntil.GetValueOrDefault($"camera{camera}") <= at).ToArray();
        return free.Length == 0 ? null : free[_chance.Next(free.Length)];
    }

    private static string ThingOf(ChaosKind kind, int? target) => kind switch
    {
        _ when target is { } camera => $"camera{camera}",
        ChaosKind.CutBroker or ChaosKind.SlowBroker or ChaosKind.SilenceBroker or ChaosKind.RestartBroker or ChaosKind.KillBroker => "broker",
        ChaosKind.BreakConfiguration or ChaosKind.MisspellSetting or ChaosKind.AddCamera or ChaosKind.RemoveCamera
            or ChaosKind.ChangeCamera => "configuration",
        ChaosKind.SilentClients or ChaosKind.HalfSentHeaders => "http",
        _ => kind.ToString(),
    };

    /// <summary>Seconds.</summary>
    private static (double Least, double Most) Lasting(ChaosKind kind) => kind switch
    {
        ChaosKind.KillChild or ChaosKind.KillDecoder or ChaosKind.ResizeCamera or ChaosKind.EmptyTemporaryFolder => (0.3, 1),
        ChaosKind.FreezeCamera or ChaosKind.HoldCamera => (1, 9), // shorter and longer than what counts as lost
        ChaosKind.SilenceBroker => (2, 14),
        ChaosKind.BreakConfiguration or ChaosKind.MisspellSetting or ChaosKind.AddCamera or ChaosKind.RemoveCamera
            or ChaosKind.ChangeCamera => (3, 6), // noticed after two looks, a second apart
        _ => (1, 6),
    };

    private TimeSpan Between(double least, double most) => TimeSpan.FromSeconds(least + _chance.NextDouble() * (most - least));
}
