namespace ActionStream.Core.Files;

/// <summary>A folder for the time of one piece of work. Cleaning it up never changes what the work came to: others clean up
/// in that place too, and may have been there first.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <param name="purpose">A word for whoever finds it there.</param>
    /// <exception cref="TemporaryFolderException">No folder can be made there.</exception>
    public TemporaryFolder(string purpose)
    {
        try
        {
            Path = Directory.CreateTempSubdirectory($"actionstream-{purpose}-").FullName;
        }
        catch (Exception hindered) when (hindered is IOException or UnauthorizedAccessException)
        {
            throw new TemporaryFolderException(
                $"no folder can be made in {System.IO.Path.GetTempPath()}: {hindered.Message}. "
                + "Make room there, or name another folder in TMPDIR", hindered);
        }
    }

    public string Path { get; }

    /// <summary>Where a file of this name lies in it.</summary>
    public string At(string file) => System.IO.Path.Combine(Path, file);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception left) when (left is IOException or UnauthorizedAccessException)
        {
            // Gone already, or not ours to remove: whoever cleans up that place will find it.
        }
    }
}
