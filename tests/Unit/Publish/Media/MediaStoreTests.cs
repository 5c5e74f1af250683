using ActionStream.Publish.Media;

namespace ActionStream.Unit.Publish.Media;

public sealed class MediaStoreTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("pictures-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private MediaStore Open(long most = 1000) => new(_folder, TimeSpan.FromDays(1), most);

    private static string Name(int number) => $"front-20260101T101502.{number:000}Z-7f3a.jpg";

    private string[] Files() => [
        .. Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_folder, file)).Order()];

    [Fact]
    public void The_oldest_go_when_there_are_too_many_bytes()
    {
        var store = Open(most: 1000);
        for (var i = 0; i < 10; i++)
        {
            store.Save("front", Name(i), new byte[300], Noon.AddMinutes(i));
        }

        Assert.Equal((3, 900L), (store.Count, store.Bytes));
        Assert.Equal([$"front/{Name(7)}", $"front/{Name(8)}", $"front/{Name(9)}"], Files());
        Assert.Null(store.Find("front", Name(6)));
        Assert.NotNull(store.Find("front", Name(7)));
    }

    [Fact]
    public void What_is_too_old_goes_also_after_a_restart_and_what_is_written_again_is_young()
    {
        Open().Save("front", Name(1), new byte[10], Noon);
        Open().Save("front", Name(2), new byte[10], Noon);
        var store = Open();
        Assert.Equal((2, 20L), (store.Count, store.Bytes));
        store.Save("front", Name(1), new byte[30], Noon.AddHours(20));
        Assert.Equal((2, 40L), (store.Count, store.Bytes));
        store.Trim(Noon.AddHours(25));
        Assert.Equal([$"front/{Name(1)}"], Files());
        Assert.Equal(30, store.Bytes);
    }

    [Fact]
    public void Clips_count_and_go_like_pictures_and_what_was_half_written_when_a_former_life_died_is_removed()
    {
        var clip = Name(5).Replace(".jpg", ".mp4", StringComparison.Ordinal);
        var store = Open(most: 1000);
        File.WriteAllBytes(store.PartOf("front", clip), new byte[600]);
        Assert.Null(store.Find("front", clip));
        store.Adopt("front", clip, Noon);
        Assert.Equal((1, 600L), (store.Count, store.Bytes));
        Assert.NotNull(store.Find("front", clip));

        File.WriteAllBytes(store.PartOf("front", clip), new byte[700]);
        File.WriteAllText(Path.Combine(_folder, "front", "holiday.mp4.part"), "");
        store = Open(most: 1000);
        Assert.Equal((1, 600L), (store.Count, store.Bytes));
        Assert.Equal([$"front/{clip}", "front/holiday.mp4.part"], Files());

        store.Save("front", Name(1), new byte[500], Noon.AddMinutes(1));
        Assert.Equal((1, 500L), (store.Count, store.Bytes));
    }

    [Fact]
    public void Files_of_other_people_are_neither_counted_nor_served_nor_removed()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "front"));
        File.WriteAllBytes(Path.Combine(_folder, "holiday.jpg"), new byte[5000]);
        File.WriteAllBytes(Path.Combine(_folder, "front", "holiday.jpg"), new byte[5000]);
        var store = Open();
        store.Trim(Noon.AddYears(50));
        Assert.Equal((0, 0L), (store.Count, store.Bytes));
        Assert.Null(store.Find("front", "holiday.jpg"));
        Assert.Equal(["front/holiday.jpg", "holiday.jpg"], Files());
    }

    [Theory]
    [InlineData("..", "front-20260101T101502.001Z-7f3a.jpg")]
    [InlineData("front", "../front-20260101T101502.001Z-7f3a.jpg")]
    [InlineData("front/..", "front-20260101T101502.001Z-7f3a.jpg")]
    [InlineData("front", "front-20260101T101502.001Z-7f3a.jpg\n")]
    [InlineData("", "front-20260101T101502.001Z-7f3a.jpg")]
    public void No_name_leads_out_of_the_folder(string camera, string file)
    {
        var store = Open();
        store.Save("front", Name(1), new byte[10], Noon);
        Assert.Null(store.Find(camera, file));
        Assert.Throws<ArgumentException>(() => store.Save(camera, file, new byte[1], Noon));
    }
}
