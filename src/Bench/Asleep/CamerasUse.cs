namespace ActionStream.Bench.Asleep;

/// <summary>What a number of cameras cost the service, all in: children, our threads, the model, publishing. In per cent of a core and
/// for one camera, where nothing else is said.</summary>
/// <param name="Own">Of this, this process.</param>
/// <param name="Decoders">Of this, children that decode.</param>
/// <param name="Asleep">Share of the time that cameras slept.</param>
/// <param name="SettledAfter">Until all slept, or nobody waited longer.</param>
/// <param name="ChildrenMib">Memory of its children.</param>
/// <param name="OwnMib">What this process took more than without cameras.</param>
/// <param name="Server">What the simulated camera itself cost, in a process of its own.</param>
/// <param name="Skipped">Frames that the simulated cameras could not send in time, all together.</param>
internal sealed record CamerasUse(
    double Cpu, double Own, double Decoders, double Asleep, TimeSpan SettledAfter, double ChildrenMib, double OwnMib, int Processes,
    int Threads, double FramesPerS, long Dropped, double Server, long Skipped);
