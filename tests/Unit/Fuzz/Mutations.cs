namespace ActionStream.Unit.Fuzz;

/// <summary>Damages files in the ways that disks, networks and people do, the same way every time for the same seed.</summary>
internal static class Mutations
{
    /// <summary>How many damaged files a test tries: FUZZ=n, or as many as fit into a normal run.</summary>
    public static int Count(int normal) => int.TryParse(Environment.GetEnvironmentVariable("FUZZ"), out var asked) ? asked : normal;

    public static byte[] Of(byte[] original, int seed)
    {
        var random = new Random(seed);
        var bytes = original.ToList();
        for (var times = 1 + random.Next(4); times > 0; times--)
        {
            var at = random.Next(bytes.Count + 1);
            var length = Math.Min(1 + random.Next(random.Next(2) == 0 ? 8 : 400), bytes.Count - at);
            switch (random.Next(7))
            {
                case 0 when at < bytes.Count: // a bit turns
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1: // the rest is missing
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 2: // a part is missing
                    bytes.RemoveRange(at, length);
                    break;
                case 3: // a part stands twice
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 4: // noise
                    bytes.InsertRange(at, Enumerable.Range(0, length).Select(_ => (byte)random.Next(256)));
                    break;
                case 5: // a length or count that is far too large
                    bytes.InsertRange(at, Enumerable.Repeat((byte)255, random.Next(1, 10)).Append((byte)random.Next(128)));
                    break;
                default: // another number
                    for (var i = at; i < at + length; i++)
                    {
                        bytes[i] = (byte)random.Next(256);
                    }

                    break;
            }
        }

        return [.. bytes];
    }
}
