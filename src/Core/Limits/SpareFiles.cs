using Microsoft.Win32.SafeHandles;

namespace ActionStream.Core.Limits;

/// <summary>Files held open for nothing, so that there are some when all others are taken: the end of a program loads libraries
/// that it has not needed before, and the runtime aborts where it cannot.</summary>
public sealed class SpareFiles : IDisposable
{
    private const int Count = 32;

    private readonly List<SafeFileHandle> _held = [];

    public SpareFiles()
    {
        try
        {
            while (_held.Count < Count)
            {
                _held.Add(File.OpenHandle("/dev/null"));
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // What there is, is held.
        }
    }

    /// <summary>Gives them back; any number of times.</summary>
    public void Dispose() => _held.ForEach(file => file.Dispose());
}
