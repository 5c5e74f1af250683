namespace ActionStream.Host.Commands;

/// <summary>`models inspect`: what a model's folder or file really holds.</summary>
internal static class ModelInspection
{
    public static int Run(string path, bool json) => throw new UsageException($"{path} {json}");
}
