namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>Fills a small file system to the last byte, and frees it again.</summary>
internal sealed class Ballast(string folder)
{
    private string Path => System.IO.Path.Combine(folder, "ballast");

    public void Fill()
    {
        var block = new byte[1 << 20];
        using var file = new FileStream(Path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        for (var length = block.Length; length >= 1; length /= 4)
        {
            try
            {
                while (true)
                {
                    file.Write(block, 0, length);
                }
            }
            catch (IOException)
            {
            }
        }
    }

    public void Free() => File.Delete(Path);
}
