namespace ActionStream.Models.Networks;

/// <summary>A model that cannot be built as asked, in words for the one who asked.</summary>
public sealed class ModelBuildException(string message) : Exception(message);
