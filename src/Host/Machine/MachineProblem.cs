namespace ActionStream.Host.Machine;

/// <summary>What this machine lacks of what a configuration needs.</summary>
/// <param name="Part">A word for scripts: ffmpeg, open_files.</param>
/// <param name="Message">What was seen, what was expected, what to do.</param>
public sealed record MachineProblem(string Part, string Message);
